package host

import (
	"io/fs"
	"path"
	"strings"

	"github.com/luahost/luahost/vm"
)

// WithLoader has a Lua file run in each service that is started by name, instead of its script, as skynet's setting
// lualoader does: it finds and runs the script. Its one argument is the service's command line; the globals LUA_SERVICE,
// LUA_PATH, LUA_CPATH and LUA_PRELOAD have the templates and the file to preload.
func WithLoader(file string) Option {
	return func(o *options) error {
		o.loader = file
		return nil
	}
}

// libraryServices is where the services of the library are, for scripts that look for them.
const libraryServices = "lualib/service/?.lua"

// loads reports whether the loader is to run a service.
func (h *Host) loads(script string, isFile bool) bool {
	return h.options.loader != "" && !isFile && !h.options.ownServices[script]
}

func (h *Host) findLoader() (scriptFile, error) {
	file := h.options.loader
	text, err := h.code.read(file)
	return scriptFile{file: file, text: text, isLoader: true}, openError(file, err)
}

func (s *Service) setLoaderGlobals() {
	h, g := s.host, s.state.Globals()
	services, modules := h.paths()
	set := func(name, value string) {
		if value != "" {
			g.SetString(name, vm.String(value))
		}
	}
	set("LUA_SERVICE", strings.Join(append(services[:len(services):len(services)], libraryServices), ";"))
	set("LUA_PATH", modules)
	set("LUA_CPATH", h.options.nativePath)
	set("LUA_PRELOAD", h.options.preload)
}

// openForLoader opens a service of the library where there is no such file.
func (h *Host) openForLoader(file string, missing error) (fs.File, error) {
	if name, ok := strings.CutPrefix(file, path.Dir(libraryServices)+"/"); ok && h.options.library != nil {
		return h.options.library.Open("service/" + name)
	}
	return nil, missing
}
