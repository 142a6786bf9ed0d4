module github.com/luahost/luahost/bench

go 1.26.0

replace github.com/luahost/luahost => ../

require github.com/luahost/luahost v0.0.0

require (
	github.com/Shopify/go-lua v0.0.0-20250718183320-1e37f32ad7d0 // indirect
	github.com/klauspost/compress v1.17.9 // indirect
	github.com/lxzan/gws v1.10.1 // indirect
	github.com/yuin/gopher-lua v1.1.2 // indirect
)
