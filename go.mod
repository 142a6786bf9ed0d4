module github.com/luahost/luahost

go 1.26

require (
	github.com/Shopify/go-lua v0.0.0-20250718183320-1e37f32ad7d0
	github.com/lxzan/gws v1.10.1
)

require (
	github.com/coder/websocket v1.8.15 // indirect
	github.com/klauspost/compress v1.17.9 // indirect
	go.uber.org/goleak v1.3.0 // indirect
)
