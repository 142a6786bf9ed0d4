package host

import (
	"context"
	"slices"
	"sort"
	"time"

	"github.com/luahost/luahost/vm"
)

// ReloadStatus tells which code runs where. Its JSON form is documented in docs/reload.md.
type ReloadStatus struct {
	Generation int             `json:"generation"`
	Watch      string          `json:"watch"` // "events", "poll", or "off"
	Services   []ServiceStatus `json:"services"`
}

// ServiceStatus tells which code a service runs.
type ServiceStatus struct {
	Service    string        `json:"service"` // its address
	Name       string        `json:"name"`
	Generation int           `json:"generation"` // of the last reload that changed it
	Busy       string        `json:"busy,omitempty"`
	Chunks     []ChunkStatus `json:"chunks"`
	Frames     []FrameStatus `json:"frames"`  // active functions that were entered with old code, and finish with it
	Stuck      []CodePlace   `json:"stuck"`   // functions that can't get their new code
	Orphans    []CodePlace   `json:"orphans"` // functions that the new code does not have
	Conflicts  []string      `json:"conflicts"`
	Advice     []string      `json:"advice"`
}

// ChunkStatus is a file that a service runs.
type ChunkStatus struct {
	Module string `json:"module"` // "" for the service's script
	File   string `json:"file"`
	Hash   string `json:"hash,omitempty"`

	Included bool `json:"included,omitempty"` // by dofile or loadfile
}

// FrameStatus is an active function with old code.
type FrameStatus struct {
	Coroutine  string  `json:"coroutine"`
	Function   string  `json:"function"`
	File       string  `json:"file"`
	Line       int     `json:"line"`
	Generation int     `json:"generation"`
	Age        float64 `json:"age_seconds"` // since its code was replaced
	Same       bool    `json:"same"`        // this function itself has not changed
}

// CodePlace is a function.
type CodePlace struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Needs    string `json:"needs,omitempty"`
}

// CodeStatus is ReloadStatus without the services.
func (h *Host) CodeStatus() *ReloadStatus {
	return &ReloadStatus{Generation: h.Generation(), Watch: h.watchMode(), Services: []ServiceStatus{}}
}

// ReloadStatus asks every service which code it runs. A service that stays busy is listed with the place where it is.
func (h *Host) ReloadStatus(ctx context.Context) *ReloadStatus {
	op := newOperation(h, ReloadOptions{})
	status := h.CodeStatus()
	services := h.Services()
	sort.Slice(services, func(i, j int) bool { return services[i].handle < services[j].handle })
	found := make([]ServiceStatus, len(services))
	index := map[*Service]int{}
	for i, s := range services {
		index[s] = i
	}
	votes := op.each(ctx, services, 2*time.Second, func(s *Service) *vote {
		if s.state != nil {
			found[index[s]] = s.reloadStatus()
		}
		return &vote{service: s}
	})
	for i, v := range votes {
		switch {
		case v == nil:
		case v.late:
			status.Services = append(status.Services, ServiceStatus{Service: v.service.handle.String(), Name: v.service.name, Busy: v.busy})
		case found[i].Service != "":
			status.Services = append(status.Services, found[i])
		}
	}
	return status
}

func (s *Service) reloadStatus() ServiceStatus {
	st := ServiceStatus{
		Service: s.handle.String(), Name: s.name, Generation: s.code.generation,
		Chunks: []ChunkStatus{}, Frames: []FrameStatus{}, Stuck: []CodePlace{}, Orphans: []CodePlace{},
		Conflicts: append([]string{}, s.code.conflicts...), Advice: append([]string{}, s.code.advice...),
	}
	for _, k := range s.code.chunks {
		st.Chunks = append(st.Chunks, ChunkStatus{k.module, k.file, s.host.code.hashOf(k.file, k.proto), k.included})
	}
	census := s.state.Census()
	for _, f := range census.Frames {
		st.Frames = append(st.Frames, FrameStatus{f.Coroutine, f.Function, f.File, f.Line, f.Generation, time.Since(f.Since).Seconds(), f.Same})
	}
	for _, f := range census.Stuck {
		st.Stuck = append(st.Stuck, CodePlace{f.Function, f.File, f.Line, f.Needs})
	}
	for _, f := range census.Orphans {
		st.Orphans = append(st.Orphans, CodePlace{f.Function, f.File, f.Line, ""})
	}
	return st
}

// hashOf returns the hash of the text that was compiled to p, or "" when that is not known.
func (c *codebase) hashOf(file string, p *vm.Proto) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for s := c.files[file]; s != nil; s = s.partial {
		if s.proto == p {
			return contentHash(s.text)
		}
	}
	return ""
}

// Importers is the answer to why a module is loaded: who requires it, up to the services' scripts.
type Importers struct {
	Module string      `json:"module"`
	File   string      `json:"file"`
	By     []Importers `json:"by"`
}

// WhyLoaded returns, for each service, the chains of files that led to a module being loaded; the key is the service.
func (h *Host) WhyLoaded(ctx context.Context, module string) map[string]Importers {
	op := newOperation(h, ReloadOptions{})
	services := h.Services()
	found := make([]*Importers, len(services))
	index := map[*Service]int{}
	for i, s := range services {
		index[s] = i
	}
	op.each(ctx, services, 2*time.Second, func(s *Service) *vote {
		for _, k := range s.code.chunks {
			if k.module == module || fileIs(k.file, module) {
				chain := s.importers(k, nil)
				found[index[s]] = &chain
				break
			}
		}
		return &vote{service: s}
	})
	all := map[string]Importers{}
	for i, chain := range found {
		if chain != nil {
			all[services[i].handle.String()+" "+services[i].name] = *chain
		}
	}
	return all
}

func (s *Service) importers(k *chunk, seen []*chunk) Importers {
	name := k.module
	if name == "" {
		name = s.name
	}
	i := Importers{Module: name, File: k.file, By: []Importers{}}
	if slices.Contains(seen, k) {
		return i
	}
	seen = append(seen, k)
	for _, importer := range s.code.chunks {
		if imports(importer, k) {
			i.By = append(i.By, s.importers(importer, seen))
		}
	}
	return i
}
