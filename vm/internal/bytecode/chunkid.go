package bytecode

import "strings"

// idSize is the room C Lua has for a chunk's id, its terminating zero included (LUA_IDSIZE).
const idSize = 60

// ChunkID returns how messages show a chunk name, at most 59 bytes, as C Lua's luaO_chunkid does:
// "=name" is the name, cut at the end; "@file" is the path, its start replaced by "..." when it is long;
// anything else is source text, of which the first line is shown as [string "..."].
func ChunkID(source string) string {
	source, _, _ = strings.Cut(source, "\x00")
	switch {
	case strings.HasPrefix(source, "="):
		return source[1:min(len(source), idSize)]
	case strings.HasPrefix(source, "@"):
		if len(source) <= idSize {
			return source[1:]
		}
		return "..." + source[len(source)-(idSize-len("...")-1):]
	}
	const prefix, suffix = `[string "`, `"]`
	room := idSize - len(prefix+"..."+suffix) - 1
	line, _, cut := strings.Cut(source, "\n")
	if !cut && len(line) < room {
		return prefix + line + suffix
	}
	return prefix + line[:min(len(line), room)] + "..." + suffix
}
