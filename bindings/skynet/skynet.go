// Package skynet implements the Lua modules skynet and skynet.manager. Both are one table.
//
// Services:
//
//	start(f)                          f runs when the script has; then the service is ready
//	init(f)                           f runs before that, or behind the module that is being required
//	exit()                            ends the service
//	newservice(name, ...)             address; the arguments arrive as strings
//	uniqueservice([true,] name, ...)  address of the one service of that name
//	queryservice([true,] name)        the same, but waits until somebody has started it
//	launch("snlua", name, ...)        address | nil, at once
//	kill(address), abort()
//	self(), address(a), localname(".name"), harbor(a), register(name), name(name, a)
//
// Messages; an address is a number, ":0000000a", ".name", or a global name:
//
//	send(a, type, ...)                0, or no value when a is gone
//	call(a, type, ...)                what the service answers
//	rawsend(a, type, msg, sz), rawcall(a, type, msg, sz), redirect(to, source, type, session, msg, sz)
//	ret(msg, sz), retpack(...)        answer the message being handled: true when that was sent
//	response([pack])                  function(ok, ...) that answers it later
//	ignoreret(), context()            session, source
//	dispatch(type, f)                 f(session, source, ...) handles the messages of a type
//	register_protocol{name, id, pack, unpack, dispatch}
//	dispatch_unknown_request(f), dispatch_unknown_response(f)
//	request{...}:select([ticks])      several calls at once
//	pack(...), unpack(msg, sz), packstring(...), tostring(msg, sz), trash(msg, sz)
//
// Tasks; times are in hundredths of a second:
//
//	fork(f, ...), timeout(ticks, f)   coroutine
//	sleep(ticks [, token])            "BREAK" when woken before
//	yield(), wait([token]), wakeup(token)
//	task(...), uniqtask(), killthread(co)
//	now(), time(), starttime(), hpc()
//
// The rest:
//
//	error(...), getenv(key), setenv(key, value), genid(), term(a), info_func(f)
//	stat(what), mqlen(), endless(), memlimit(bytes), pcall, PTYPE_*
package skynet

import (
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/vm"
)

// Modules returns the modules of this package.
func Modules() []host.Module {
	open := func(s *host.Service) (vm.Value, error) { return instanceOf(s).module(), nil }
	core := func(s *host.Service) (vm.Value, error) { return s.State().Open(coreFunctions).Value(), nil }
	return []host.Module{{Name: "skynet.core", Open: core}, {Name: "skynet", Open: open}, {Name: "skynet.manager", Open: open}}
}

// instance is what the modules keep for a service. It receives the service's messages.
type instance struct {
	service *host.Service
	table   *vm.Table // the module
	args    []vm.Value

	lua       protocol    // the protocol that most messages have
	protocols []*protocol // the others

	require vm.Value // the function that the standard library made
	loading map[string]*loading
	loads   map[*vm.Thread]*loading // the innermost of each coroutine

	unknownRequest  vm.Value
	unknownResponse vm.Value
	info            vm.Value
	callback        vm.Value  // of skynet.core
	filter          vm.Value  // of filter
	forward         *vm.Table // of forward_type
	traces          int
	unnamed         map[int]string // requests to names that nobody had, by session
	requests        *vm.Table      // the metatable of what request makes
}

type instanceKey struct{}

func instanceOf(s *host.Service) *instance {
	return s.Local(instanceKey{}, func() any {
		in := &instance{service: s}
		in.lua = protocol{name: "lua", id: host.TypeLua}
		in.protocols = []*protocol{{name: "response", id: host.TypeResponse}, {name: "error", id: host.TypeError}, {name: "debug", id: host.TypeDebug}}
		return in
	}).(*instance)
}

// of returns the instance of the service that calls.
func of(c *vm.Call) *instance { return instanceOf(host.ServiceOf(c)) }

func (in *instance) module() vm.Value {
	if in.table == nil {
		s := in.service.State()
		in.table = s.Open(library)
		in.require = s.Globals().GetString("require")
		s.Globals().SetString("require", requireFunction)
	}
	return in.table.Value()
}

var coreFunctions = coreLibrary()

var library = vm.NewLibrary("skynet", functions(), constants())

func functions() []*vm.GoFunction {
	var list []*vm.GoFunction
	for _, f := range []struct {
		name string
		f    vm.Func
	}{
		{"start", start},
		{"init", initialize},
		{"exit", host.NotOnTrial("skynet.exit", exit)},
		{"newservice", host.NotOnTrial("skynet.newservice", newService)},
		{"uniqueservice", host.NotOnTrial("skynet.uniqueservice", uniqueService)},
		{"queryservice", host.NotOnTrial("skynet.queryservice", queryService)},
		{"launch", host.NotOnTrial("skynet.launch", launch)},
		{"kill", host.NotOnTrial("skynet.kill", kill)},
		{"abort", host.NotOnTrial("skynet.abort", abort)},
		{"self", self},
		{"address", address},
		{"localname", localName},
		{"harbor", harbor},
		{"register", register},
		{"name", name},

		{"send", host.NotOnTrial("skynet.send", send)},
		{"call", host.NotOnTrial("skynet.call", call)},
		{"rawsend", host.NotOnTrial("skynet.rawsend", rawSend)},
		{"rawcall", host.NotOnTrial("skynet.rawcall", rawCall)},
		{"redirect", host.NotOnTrial("skynet.redirect", redirect)},
		{"ret", ret},
		{"retpack", retPack},
		{"response", response},
		{"ignoreret", ignoreRet},
		{"context", context},
		{"dispatch", dispatch},
		{"register_protocol", registerProtocol},
		{"dispatch_unknown_request", dispatchUnknownRequest},
		{"dispatch_unknown_response", dispatchUnknownResponse},
		{"request", request},

		{"fork", fork},
		{"timeout", timeout},
		{"sleep", host.NotOnTrial("skynet.sleep", sleep)},
		{"yield", host.NotOnTrial("skynet.yield", yield)},
		{"wait", host.NotOnTrial("skynet.wait", wait)},
		{"wakeup", host.NotOnTrial("skynet.wakeup", wakeup)},
		{"task", task},
		{"uniqtask", uniqTask},
		{"killthread", host.NotOnTrial("skynet.killthread", killThread)},
		{"now", now},
		{"time", clock},
		{"starttime", startTime},
		{"hpc", hpc},

		{"error", logError},
		{"getenv", getEnv},
		{"setenv", setEnv},
		{"genid", genID},
		{"term", host.NotOnTrial("skynet.term", term)},
		{"info_func", infoFunc},
		{"stat", stat},
		{"mqlen", mqLen},
		{"endless", endless},
		{"memlimit", memLimit},
		{"pcall", protectedCall},
	} {
		list = append(list, vm.NewFunction("skynet."+f.name, f.f))
	}
	list = append(list, nodeFunctions()...)
	return append(list, packFunction, unpackFunction, packStringFunction, toStringFunction, trashFunction)
}

func constants() map[string]vm.Value {
	types := map[string]vm.Value{}
	for name, t := range map[string]host.MessageType{
		"TEXT": host.TypeText, "RESPONSE": host.TypeResponse, "MULTICAST": host.TypeMulticast, "CLIENT": host.TypeClient,
		"SYSTEM": host.TypeSystem, "HARBOR": host.TypeHarbor, "SOCKET": host.TypeSocket, "ERROR": host.TypeError,
		"QUEUE": host.TypeQueue, "DEBUG": host.TypeDebug, "LUA": host.TypeLua, "SNAX": host.TypeSnax, "TRACE": host.TypeTrace,
	} {
		types["PTYPE_"+name] = vm.Int(int(t))
	}
	return types
}
