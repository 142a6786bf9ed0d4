package bytecode

// SyntaxError says why a chunk cannot be compiled or loaded, in C Lua's words:
// "room.lua:3: unexpected symbol near '='", "room.luac: truncated precompiled chunk".
type SyntaxError struct{ Message string }

func (e *SyntaxError) Error() string { return e.Message }
