package websocket

import "errors"

// errHandler is how a connection ends whose handler failed.
var errHandler = errors.New("error in a handler")
