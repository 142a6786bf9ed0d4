package skynet

import (
	"github.com/luahost/luahost/host"
	"github.com/luahost/luahost/host/decl"
	"github.com/luahost/luahost/host/module"
	"github.com/luahost/luahost/vm"
)

// Modules returns the modules of this package. skynet and skynet.manager are one table.
func Modules() []host.Module {
	return append(newModule().Modules("skynet.manager"), newCore().Module())
}

const doc = `Services: actors with a mailbox, tasks and names. The module has the API and the behaviour of skynet's.

An address is a number, ":0000000a", ".name" for a name of the host, or a name of the network. A message is a light
userdata and its size; it belongs to whoever gets it, and sending it takes it. Times are hundredths of a second.
What waits, suspends its task: the service handles other messages meanwhile.`

// rare is the metatable of the module's table: the field cache would cost each service a table of its own.
var rare = vm.NewLibrary("skynet", []*vm.GoFunction{vm.NewFunction("skynet.__index", func(c *vm.Call) error {
	if name, _ := c.Arg(2).AsString(); name != "cache" {
		return nil
	}
	return c.TailCall(c.State().Globals().GetString("require"), vm.String("skynet.codecache"))
})}, nil)

// newModule makes skynet.
func newModule() *module.Module {
	m := module.New("skynet", doc).OnOpen(func(s *host.Service, t *vm.Table) error {
		instanceOf(s).open()
		s.State().SetMetatable(t, s.State().Open(rare))
		return nil
	}).Field("cache", "skynet.codecache", "the module skynet.codecache")
	addServices(m)
	addMessages(m)
	addTasks(m)
	addRest(m)
	for _, t := range []struct {
		name string
		t    host.MessageType
	}{
		{"TEXT", host.TypeText}, {"RESPONSE", host.TypeResponse}, {"MULTICAST", host.TypeMulticast}, {"CLIENT", host.TypeClient},
		{"SYSTEM", host.TypeSystem}, {"HARBOR", host.TypeHarbor}, {"SOCKET", host.TypeSocket}, {"ERROR", host.TypeError},
		{"QUEUE", host.TypeQueue}, {"DEBUG", host.TypeDebug}, {"LUA", host.TypeLua}, {"SNAX", host.TypeSnax}, {"TRACE", host.TypeTrace},
	} {
		m.Const("PTYPE_"+t.name, int(t.t))
	}
	return m
}

// notOnTrial keeps a function from being called by code that is loaded on trial, by a reload.
func notOnTrial(name string, f vm.Func) vm.Func { return host.NotOnTrial("skynet."+name, f) }

func addServices(m *module.Module) {
	m.Func("start(f: function)", start, "Runs f when the script has run; then the service is ready.").
		Func("init(f: function)", initialize, "Runs f before the function given to start, or behind the module that is being required.").
		Func("init_service(f: function)", initService, "Is start.").
		Func("exit()", notOnTrial("exit", exit), "Ends the service.").
		Func("newservice(name: string, ...: any) -> address: integer", notOnTrial("newservice", newService),
			"Starts a service and waits until it is ready. It is an error when that fails.", "...: arrive as strings").
		Func("uniqueservice(name: string|true, ...: any) -> address: integer", notOnTrial("uniqueservice", uniqueService),
			"Returns the one service of a name, which is started when there is none.", "name: behind true, the one of the whole network").
		Func("queryservice(name: string|true, ...: any) -> address: integer", notOnTrial("queryservice", queryService),
			"Returns the one service of a name, and waits until somebody has started it.", "name: behind true, the one of the whole network").
		Func(`launch(kind: "snlua"|"gate"|"harbor"|"logger", ...: any) -> address: integer?`, notOnTrial("launch", launch),
			"Starts a service and returns its address at once: for snlua the one in Lua whose name is the next argument, else one written in Go.").
		Func("kill(address: integer|string)", notOnTrial("kill", kill), "Ends a service.").
		Func("abort()", notOnTrial("abort", abort), "Ends all services.").
		Func("self() -> address: integer", self, "Returns the address of this service.").
		Func("address(address: integer|string) -> text: string", address, "Returns an address as text: \":0000000a\".").
		Func("localname(name: string) -> address: integer?", localName, "Returns the address of a name of the host.").
		Func("harbor(address: integer) -> harbor: integer, remote: boolean", harbor, "Returns the number of an address's node, and whether it is another one.").
		Func("register(name: string)", register, "Gives this service a name: \".name\" in the host, else in the network.").
		Func("name(name: string, address: integer|string)", name, "Gives a service a name.").
		Func("monitor(name: string, query?: boolean) -> address: integer", notOnTrial("monitor", monitor),
			"Has the unique service of a name told of services that end, by messages of the type client.")
}

func addMessages(m *module.Module) {
	m.Func("send(address: integer|string, type: string|integer, ...: any) -> session: integer?", notOnTrial("send", send),
		"Sends a message that asks for no answer. There is no result when nobody has the address.").
		Func("call(address: integer|string, type: string|integer, ...: any) -> ...: any", notOnTrial("call", call),
			"Sends a request and returns what the service answers. It is an error when that fails, or ends.").
		Func("rawsend(address: integer|string, type: string|integer, msg: lightuserdata|string, size?: integer) -> session: integer?", notOnTrial("rawsend", rawSend),
			"Is send for a message that is packed already.").
		Func("rawcall(address: integer|string, type: string|integer, msg: lightuserdata|string, size?: integer) -> msg: lightuserdata, size: integer",
			notOnTrial("rawcall", rawCall), "Is call for messages that are packed.").
		Func("redirect(to: integer|string, source: integer, type: string|integer, session: integer, msg: lightuserdata|string, size?: integer) -> session: integer?",
			notOnTrial("redirect", redirect), "Sends a message in the name of another service.").
		Func("ret(msg?: lightuserdata|string, size?: integer) -> sent: boolean", ret, "Answers the request being handled with a packed message.").
		Func("retpack(...: any) -> sent: boolean", retPack, "Answers the request being handled.").
		Func("response(pack?: function) -> answer: fun(ok: boolean|\"TEST\", ...: any): boolean", response,
			"Returns the function that answers the request being handled, later and once: with an error when ok is false. \"TEST\" asks whether somebody still waits.").
		Func("ignoreret()", ignoreRet, "Says that the request being handled is answered otherwise.").
		Func("context() -> session: integer?, source: integer?", context, "Returns the session and the source of the request being handled.").
		Func("dispatch(type: string|integer, f?: fun(session: integer, source: integer, ...: any)) -> previous: function?", dispatch,
			"Has f handle the messages of a type, each in a task of its own.").
		Func("register_protocol(class: table)", registerProtocol, "Makes a message type known: its name, id, pack, unpack and dispatch.").
		Func("dispatch_unknown_request(f: function) -> previous: function?", dispatchUnknownRequest,
			"Has f(session, source, msg, size, type) get the messages that nothing handles.").
		Func("dispatch_unknown_response(f: function) -> previous: function?", dispatchUnknownResponse,
			"Has f(session, source, msg, size) get the answers that nobody waits for.").
		Func("dispatch_message(type: integer, msg?: lightuserdata|string, size?: integer, session?: integer, source?: integer)", dispatchMessage,
			"Has the service handle a message as if it had come.").
		Func("forward_type(map: table<integer, integer>, f: function)", forwardType,
			"Is start(f) for a service that handles messages of the types that are keys of map as those of its values.").
		Func("filter(f: function, start: function)", filter,
			"Is start for a service that handles, instead of each message, the one that f(type, msg, size, session, source) returns.").
		Func("request(call?: table) -> request: skynet.request", request, "Makes several requests at once: each is a table with address, type and arguments.").
		Class(decl.Class{
			Name: "skynet.request", Doc: "Several requests at once.",
			Methods: []decl.Function{
				{Name: "add", Doc: "Adds a request; so does calling the object.", Params: []decl.Value{{Name: "call", Type: "table"}}, Results: []decl.Value{{Name: "request", Type: "skynet.request"}}},
				{Name: "select", Doc: "Sends the requests. The iterator returns each request, as its answers come, with these in a table, or false when it failed.",
					Params:  []decl.Value{{Name: "ticks", Type: "integer", Optional: true, Doc: "to wait at most"}},
					Results: []decl.Value{{Name: "iterator", Type: "fun(): table, table|false"}}},
				{Name: "close", Doc: "Stops waiting for answers."},
			},
		}).
		Func("pack(...: any) -> msg: lightuserdata, size: integer", packFunction, "Packs values into a message.").
		Func("unpack(msg: lightuserdata|string, size?: integer) -> ...: any", unpackFunction, "Returns the values of a message.").
		Func("packstring(...: any) -> text: string", packStringFunction, "Packs values into a text.").
		Func("tostring(msg: lightuserdata|string, size?: integer) -> text: string", toStringFunction, "Returns the bytes of a message.").
		Func("trash(msg: lightuserdata|string, size?: integer)", trashFunction, "Ends a message.")
}

func addTasks(m *module.Module) {
	m.Func("fork(f: function, ...: any) -> co: thread", fork, "Starts a task that runs f behind the message being handled.").
		Func("timeout(ticks: integer, f: function) -> co: thread", timeout, "Starts a task that runs f when a time has passed.").
		Func("sleep(ticks: integer, token?: any) -> broken: \"BREAK\"?", notOnTrial("sleep", sleep), "Waits for a time, or until wakeup(token).",
			"token: the running coroutine when it is absent").
		Func("yield() -> broken: \"BREAK\"?", notOnTrial("yield", yield), "Lets the messages that wait go first.").
		Func("wait(token?: any)", notOnTrial("wait", wait), "Waits until wakeup(token).", "token: the running coroutine when it is absent").
		Func("wakeup(token: any) -> woken: true?", notOnTrial("wakeup", wakeup), "Wakes who waits for a token, or sleeps.").
		Func("killthread(co: thread|string) -> co: thread?", notOnTrial("killthread", killThread), "Ends a task that waits.", "co: or a part of its text").
		Func("task(what?: table|\"init\"|integer|thread) -> result: any", task,
			"Returns how many tasks wait; fills a table with their tracebacks; or tells of one: that of start, of a session, or the session of a coroutine.").
		Func("uniqtask() -> tasks: table<string, string>", uniqTask, "Returns the tasks that wait, by traceback.").
		Func("now() -> ticks: integer", now, "Returns the time since the host's start.").
		Func("time() -> seconds: number", clock, "Returns the time since 1970.").
		Func("starttime() -> seconds: integer", startTime, "Returns when the host was started, since 1970.").
		Func("hpc() -> nanoseconds: integer", hpc, "Returns the time since the host's start.")
}

func addRest(m *module.Module) {
	m.Func("error(...: any)", logError, "Writes a line to the log.").
		Func("getenv(key: string) -> value: string?", getEnv, "Returns a setting of the host.").
		Func("setenv(key: string, value: string)", setEnv, "Adds a setting. It is an error when there is one of that name.").
		Func("genid() -> session: integer", genID, "Returns a number that no request of this service has.").
		Func("term(address: integer|string)", notOnTrial("term", term), "Ends the requests to a service with an error.").
		Func("info_func(f: function)", infoFunc, "Has f tell the debug console about the service.").
		Func("stat(what: \"mqlen\"|\"message\"|\"cpu\"|\"time\"|\"endless\") -> n: number", stat,
			"Returns how many messages wait, or were handled; the seconds that the service has computed, in all or for this message; or 1 when it may be in an endless loop.").
		Func("mqlen() -> n: integer", mqLen, "Returns how many messages wait.").
		Func("endless() -> endless: boolean", endless, "Tells whether the service may have been in an endless loop since it was last asked.").
		Func("memlimit(bytes: integer)", memLimit, "Limits the memory of the service's values; 0 does not.").
		Func("pcall(f: function, ...: any) -> ok: boolean, ...: any", protectedCall, "Is pcall.").
		Func("trace(info?: string)", trace, "Begins to log what happens to the request being handled, also in the services that it calls.").
		Func("tracetag() -> tag: string|false?", traceTag, "Returns what marks the log of the request being handled; false when it is never traced.").
		Func("tracelog(tag: string, text: string, level?: integer|thread)", traceLog, "Writes a line to the log of a request.", "level: of the stack, to tell the place as well").
		Func("traceproto(type: string|integer, on?: boolean)", traceProto,
			"Has all messages of a type traced, or none; without on, those that a traced task has sent.").
		Func("tracecall(tag: string, address: integer|string, type: string|integer, msg: lightuserdata|string, size?: integer) -> msg: lightuserdata, size: integer", traceCall,
			"Is rawcall, by a request of which the log tells under a tag.").
		Func("trace_timeout(on?: boolean)", traceTimeout, "Has task and uniqtask tell where the timeouts to come were made.")
}

// newCore makes skynet.core, what is C in skynet, for scripts that call it themselves.
func newCore() *module.Module {
	again := func(f *vm.GoFunction) vm.Func {
		return func(c *vm.Call) error { return c.TailCall(f.Value(), c.Args()...) }
	}
	return module.New("skynet.core", "What is C in skynet, for scripts that call it themselves. In new code, use the module skynet.").
		Func("send(address: integer|string, type: integer, session: integer?, msg: lightuserdata|string|nil, size?: integer) -> session: integer?", coreSend,
			"Sends a message. The session is a new one for nil.").
		Func("redirect(address: integer|string, source: integer, type: integer, session: integer?, msg: lightuserdata|string|nil, size?: integer) -> session: integer?", coreRedirect,
			"Sends a message in the name of another service.").
		Func("command(name: string, parameter?: string) -> result: string?", coreCommand, "Does what the commands of skynet's C API do.").
		Func("intcommand(name: string, parameter?: string|integer) -> result: number?", coreIntCommand, "Is command with a number as its result.").
		Func("addresscommand(name: string, parameter?: string) -> address: integer?", coreAddressCommand, "Is command with an address as its result.").
		Func("error(...: any)", logError, "Writes a line to the log.").
		Func("genid() -> session: integer", genID, "Returns a number that no request of this service has.").
		Func("harbor(address: integer) -> harbor: integer, remote: boolean", harbor, "Returns the number of an address's node, and whether it is another one.").
		Func("callback(f: fun(type: integer, msg: lightuserdata, size: integer, session: integer, source: integer))", coreCallback,
			"Has f get all messages but responses.").
		Func("trace(tag: string, text: string, level?: integer|thread)", traceLog, "Writes a line to the log of a request.").
		Func("now() -> ticks: integer", now, "Returns the hundredths of a second since the host's start.").
		Func("hpc() -> nanoseconds: integer", hpc, "Returns the time since the host's start.").
		Func("pack(...: any) -> msg: lightuserdata, size: integer", again(packFunction), "Packs values into a message.").
		Func("unpack(msg: lightuserdata|string, size?: integer) -> ...: any", again(unpackFunction), "Returns the values of a message.").
		Func("packstring(...: any) -> text: string", again(packStringFunction), "Packs values into a text.").
		Func("tostring(msg: lightuserdata|string, size?: integer) -> text: string", again(toStringFunction), "Returns the bytes of a message.").
		Func("trash(msg: lightuserdata|string, size?: integer)", again(trashFunction), "Ends a message.")
}
