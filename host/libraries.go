package host

import (
	"errors"
	"io/fs"
	"time"

	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/lib"
)

// newLibraries makes the standard libraries as services see them.
func (h *Host) newLibraries() *lib.Set {
	profile := lib.Full
	if h.options.sandbox {
		profile = lib.Sandbox
	}
	return lib.New(lib.Options{
		Profile: profile,
		Stdin:   h.options.stdin,
		Stdout:  h.log,
		Modules: h.options.library,
		Searchers: func(usual []lib.Searcher) []lib.Searcher {
			all := []lib.Searcher{usual[0], h.searcher()}
			return append(append(all, usual[1:]...), h.lastSearcher())
		},
		Open: func(s *vm.State, path string) (fs.File, error) {
			service, _ := s.Host.(*Service)
			f, err := h.code.open(service, path)
			if errors.Is(err, fs.ErrNotExist) && h.options.loader != "" {
				return h.openForLoader(path, err)
			}
			return f, err
		},
		OnRequire: func(s *vm.State, r lib.Requirement) {
			if service, ok := s.Host.(*Service); ok {
				service.required(r)
			}
		},
		Replace: func(_ *vm.State, file string, err error) bool { return h.replaces(file, err) },
		Exit: func(c *vm.Call, code int, _ bool) error {
			if s := ServiceOf(c); s != nil {
				if err := s.Forbid(c, "os.exit"); err != nil {
					return err
				}
			}
			h.flushFiles()
			h.options.exit(code)
			return vm.NewFatal("the process is ending")
		},
	})
}

// exitPatience is how long os.exit waits for files that others are using at that moment.
const exitPatience = time.Second

// flushFiles writes what all services have printed, and what the files that they have left open hold, as C's exit does.
func (h *Host) flushFiles() {
	done := make(chan struct{})
	go func() {
		_ = h.libraries.Close()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(exitPatience):
	}
}

// openLibraries fills the globals of the service's state. modules is a template for the front of package.path, or "".
func (s *Service) openLibraries(modules string) {
	h := s.host
	h.libraries.Open(s.state)
	p, _ := s.state.Globals().GetString("package").AsTable()
	_, path := h.paths()
	if modules != "" {
		path = modules + ";" + path
	}
	p.SetString("path", vm.String(path))
	p.SetString("reload", h.packageReload)
}

// searcher is how require finds modules written in Go: before any file, behind package.preload.
func (h *Host) searcher() lib.Searcher {
	return lib.Searcher{
		Name: "Go searcher",
		Find: func(c *vm.Call, name string) (loader, value vm.Value, err error) {
			m, ok := h.modules[name]
			switch {
			case !ok && h.options.own[name]:
				return h.findOwn(c, name)
			case !ok || m.FilesFirst:
				return vm.Nil(), vm.Nil(), nil
			}
			return h.loaders[name], vm.Nil(), nil
		},
		Tried: func(_ *vm.Call, name string) string {
			if _, ok := h.modules[name]; ok || h.options.own[name] {
				return ""
			}
			return "\n\tno module '" + name + "' in Go"
		},
	}
}

// lastSearcher is how require finds modules written in Go that files may replace.
func (h *Host) lastSearcher() lib.Searcher {
	return lib.Searcher{
		Name: "last Go searcher",
		Find: func(_ *vm.Call, name string) (loader, value vm.Value, err error) {
			if loader, ok := h.loaders[name]; ok {
				return loader, vm.Nil(), nil
			}
			return vm.Nil(), vm.Nil(), h.refuseNative(name)
		},
	}
}

// newLoader makes the function that opens a module in the service that calls it.
func (m Module) newLoader() vm.Value {
	return vm.Function("open "+m.Name, func(c *vm.Call) error {
		s := ServiceOf(c)
		s.opened = true
		v, err := m.Open(s)
		if err != nil {
			return err
		}
		return c.Return(v)
	})
}
