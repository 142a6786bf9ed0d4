// Package all puts together what the luahost binary offers to scripts: every binding, and the Lua library.
package all

import (
	"slices"

	"github.com/luahost/luahost/bindings/bson"
	"github.com/luahost/luahost/bindings/client"
	"github.com/luahost/luahost/bindings/codecache"
	"github.com/luahost/luahost/bindings/crypt"
	"github.com/luahost/luahost/bindings/debugchannel"
	"github.com/luahost/luahost/bindings/dns"
	"github.com/luahost/luahost/bindings/json"
	"github.com/luahost/luahost/bindings/log"
	"github.com/luahost/luahost/bindings/lpeg"
	"github.com/luahost/luahost/bindings/ltls"
	"github.com/luahost/luahost/bindings/md5"
	"github.com/luahost/luahost/bindings/memory"
	"github.com/luahost/luahost/bindings/mime"
	"github.com/luahost/luahost/bindings/multicast"
	"github.com/luahost/luahost/bindings/mysqlaux"
	"github.com/luahost/luahost/bindings/netpack"
	"github.com/luahost/luahost/bindings/profile"
	"github.com/luahost/luahost/bindings/sharedata"
	"github.com/luahost/luahost/bindings/skynet"
	"github.com/luahost/luahost/bindings/socket"
	"github.com/luahost/luahost/bindings/socketdriver"
	"github.com/luahost/luahost/bindings/sproto"
	"github.com/luahost/luahost/bindings/stm"
	"github.com/luahost/luahost/bindings/time"
	"github.com/luahost/luahost/bindings/websocket"
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/lualib"
)

// Modules returns all modules.
func Modules() []host.Module {
	return slices.Concat(
		bson.Modules(),
		client.Modules(),
		codecache.Modules(),
		crypt.Modules(),
		debugchannel.Modules(),
		dns.Modules(),
		json.Modules(),
		log.Modules(),
		lpeg.Modules(),
		ltls.Modules(),
		md5.Modules(),
		memory.Modules(),
		mime.Modules(),
		multicast.Modules(),
		mysqlaux.Modules(),
		netpack.Modules(),
		profile.Modules(),
		sharedata.Modules(),
		skynet.Modules(),
		socket.Modules(),
		socketdriver.Modules(),
		sproto.Modules(),
		stm.Modules(),
		time.Modules(),
		websocket.Modules(),
	)
}

// Options makes a host that offers all modules and the Lua library.
func Options() []host.Option {
	return []host.Option{host.WithModule(Modules()...), host.WithLibrary(lualib.FS)}
}
