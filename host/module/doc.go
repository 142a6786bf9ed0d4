// Package module makes Lua modules of Go functions.
//
//	func Module() host.Module {
//		return module.New("greet", "Greets people.").
//			Func("hello(name, times?) -> greeting", hello, "Returns a greeting.", "times: how often, 1 when absent").
//			Const("version", "1.0").
//			Module()
//	}
//
//	func hello(name string, times int) (string, error) { ... }
//
// A host gets the module by host.New(host.WithModule(greet.Module())); scripts say require "greet".
//
// # Functions
//
// Go functions are exported as they are. Their parameters are the arguments of the call, in order, but for three types,
// which the module provides and scripts don't see:
//
//   - context.Context: the function suspends the calling task and runs in a goroutine of its own, while the service
//     handles other messages. The context ends with the service.
//   - *host.Service: the service that calls. The function runs in the service's turn and must not block.
//   - the type given to Instance: what the module keeps for each service.
//
// An error as the last result is raised in Lua, with the position of the caller; see ArgError and ReturnErrors.
// A panic is raised too. A function of type func(*vm.Call) error gets the call as the engine sees it; it costs least
// and can do all that the engine can. Its signature must tell all types. That holds for a *vm.GoFunction too, which is taken as it
// is.
//
// # Values
//
//	Go                           Lua
//	string, []byte               string; a number is taken too
//	bool                         boolean
//	int, uint8, ...              number; one without an integer of that type is an error
//	float64, float32             number
//	time.Duration                number, in seconds
//	time.Time                    number, in seconds since 1970, to the microsecond
//	[]T, [n]T                    sequence
//	map[K]V                      table
//	struct                       table; the field MaxSize is max_size there, or what its tag `lua:"name"` says.
//	                             `lua:"name,required"` must be there, `lua:"-"` is left out. Other fields are errors
//	*T                           T, or nil; see Type for Go values in Lua's hands
//	any                          as it comes: nil, bool, float64, string, []any, map[string]any, map[any]any,
//	                             *Callback, or the Go value of a userdata. An empty table is a map[string]any
//	func(A, B) (R, error)        function, to be called in the service's turn (as a result: from Lua)
//	*Callback                    function, to be called whenever
//	error                        nil or its message
//	Results                      any number of results
//	vm.Value, *vm.Table          as it is
//
// Numbers are float64 in Lua: integers beyond 2^53 are rounded.
//
// # Signatures
//
// A signature names parameters and results, as package decl parses them: "open(path, mode?: "r"|"w") -> file". Types come
// from the Go function where the signature has none. A parameter with a question mark is the zero value of its type
// when the argument is absent or nil. What follows the function is documentation: its first text is that of the
// function, the others begin with the name of a parameter or a result and a colon.
package module
