// Package lualib holds the Lua modules that come with the host, as the files from which require loads them:
// the module websocket.frame is websocket/frame.lua.
package lualib

import "embed"

// FS holds the modules of this folder. It is read-only.
//
//go:embed *.lua */*.lua */*/*.lua */*/*/*.lua
var FS embed.FS
