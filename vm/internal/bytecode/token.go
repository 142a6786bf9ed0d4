package bytecode

// tokenKind is the byte itself for a token of one byte, else one of the constants below.
type tokenKind uint16

const (
	tokAnd tokenKind = 256 + iota
	tokBreak
	tokDo
	tokElse
	tokElseif
	tokEnd
	tokFalse
	tokFor
	tokFunction
	tokGoto
	tokIf
	tokIn
	tokLocal
	tokNil
	tokNot
	tokOr
	tokRepeat
	tokReturn
	tokThen
	tokTrue
	tokUntil
	tokWhile
	tokConcat
	tokDots
	tokEq
	tokGe
	tokLe
	tokNe
	tokDoubleColon
	tokEOF
	tokNumber
	tokName
	tokString
)

var tokenNames = [...]string{
	"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil",
	"not", "or", "repeat", "return", "then", "true", "until", "while",
	"..", "...", "==", ">=", "<=", "~=", "::", "<eof>", "<number>", "<name>", "<string>",
}

// text is the token as it stands in a source, for kinds that always look the same.
func (k tokenKind) text() string {
	if k >= tokAnd {
		return tokenNames[k-tokAnd]
	}
	return string([]byte{byte(k)})
}

// token is a lexical element of the source.
type token struct {
	kind       tokenKind
	line       int    // where the scanner stood behind it
	start, end int    // its place in the source
	s          string // value of a tokName or tokString
	n          float64
}

// reserved returns the kind of a reserved word, or tokName.
func reserved(name string) tokenKind {
	switch name {
	case "and":
		return tokAnd
	case "break":
		return tokBreak
	case "do":
		return tokDo
	case "else":
		return tokElse
	case "elseif":
		return tokElseif
	case "end":
		return tokEnd
	case "false":
		return tokFalse
	case "for":
		return tokFor
	case "function":
		return tokFunction
	case "goto":
		return tokGoto
	case "if":
		return tokIf
	case "in":
		return tokIn
	case "local":
		return tokLocal
	case "nil":
		return tokNil
	case "not":
		return tokNot
	case "or":
		return tokOr
	case "repeat":
		return tokRepeat
	case "return":
		return tokReturn
	case "then":
		return tokThen
	case "true":
		return tokTrue
	case "until":
		return tokUntil
	case "while":
		return tokWhile
	}
	return tokName
}
