module github.com/luahost/luahost/bench

go 1.26

replace github.com/luahost/luahost => ../

require (
	github.com/Shopify/go-lua v0.0.0-20250718183320-1e37f32ad7d0 // indirect
	github.com/luahost/luahost v0.0.0
	github.com/yuin/gopher-lua v1.1.2 // indirect
)
