package host

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/luahost/luahost/vm"
	"github.com/luahost/luahost/vm/lib"
)

// codebase is the Lua code that the services of a host run: one version of each file, which a reload replaces.
//
// Once code may be reloaded, a service that starts later gets the version that the others run, not what happens to be on
// disk: a file that is broken, or half written, stops nobody. skynet's code cache has the same effect.
type codebase struct {
	disk       disk
	mu         sync.Mutex
	pinned     bool
	files      map[string]*source // by the path that it was loaded from
	generation int                // of the last reload that was kept
	history    []Generation
	modules    map[string]string // names by path
	missing    missingFiles
	scripts    scripts
}

// source is one version of a file.
type source struct {
	text  string
	proto *vm.Proto
	held  string // hash of what a rollback found on disk: that is not applied until it changes
	sum   string // hash of text, once somebody asked for it

	partial *source // a newer version, which a reload of one service brought to that alone
}

func newCodebase(confined bool) *codebase {
	return &codebase{disk: disk{confined: confined}, files: map[string]*source{}, generation: 1, modules: map[string]string{}}
}

// pin makes the versions that run now those of services that start later.
func (c *codebase) pin() {
	c.mu.Lock()
	c.pinned = true
	c.mu.Unlock()
}

// read returns the text that a new service gets of a file: of the version that runs, or of the disk.
func (c *codebase) read(path string) (string, error) {
	c.mu.Lock()
	if s := c.files[path]; s != nil && c.pinned {
		c.mu.Unlock()
		return s.text, nil
	}
	c.mu.Unlock()
	return c.scripts.read(&c.disk, path)
}

// scripts keeps the texts of files that were read, so that a service of which there are many is not read for each of them.
type scripts struct {
	mu    sync.Mutex
	texts map[string]script
}

// script is the content of a file, and what the file looked like then.
type script struct {
	text string
	info fs.FileInfo
}

// settled is how old a file must be, when it is read, for its time and size to tell whether it changes: two writes
// within the grain of a file system's clock look alike.
const settled = 2 * time.Second

// Longer files, and more of them, are read each time.
const (
	maxScriptSize = 1 << 20 // bytes
	maxScripts    = 4096
)

// read returns the text of a file.
func (s *scripts) read(d *disk, path string) (string, error) {
	if d.confined {
		return d.read(path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	return s.text(d, path, info)
}

// open opens a file, in memory if it is short and regular.
func (s *scripts) open(d *disk, path string) (fs.File, error) {
	if d.confined {
		return d.open(path)
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxScriptSize {
		return d.open(path)
	}
	text, err := s.text(d, path, info)
	if err != nil {
		return nil, err
	}
	return newTextFile(path, text), nil
}

// text returns the text of a file that looks as info says, from memory if it looked so when it was read.
func (s *scripts) text(d *disk, path string, info fs.FileInfo) (string, error) {
	s.mu.Lock()
	known, ok := s.texts[path]
	s.mu.Unlock()
	if ok && os.SameFile(info, known.info) && info.Size() == known.info.Size() && info.ModTime().Equal(known.info.ModTime()) {
		return known.text, nil
	}
	now := time.Now()
	text, err := d.read(path)
	if err == nil && now.Sub(info.ModTime()) >= settled && len(text) <= maxScriptSize {
		s.keep(path, script{text, info})
	}
	return text, err
}

func (s *scripts) keep(path string, k script) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.texts == nil || len(s.texts) >= maxScripts {
		s.texts = map[string]script{}
	}
	s.texts[path] = k
}

// use notes that a service runs a file's code.
func (c *codebase) use(path, text string, p *vm.Proto) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.files[path]; s == nil || s.proto != p && !c.pinned {
		c.files[path] = &source{text: text, proto: p}
	}
}

// open is what the libraries open files of Lua code with, for a service: code on trial sees the version that is tried.
func (c *codebase) open(service *Service, path string) (fs.File, error) {
	if text, ok := service.textOnTrial(path); ok {
		return newTextFile(path, text), nil
	}
	c.mu.Lock()
	s, pinned := c.files[path], c.pinned
	c.mu.Unlock()
	if s != nil && pinned {
		return newTextFile(path, s.text), nil
	}
	if err := c.missing.find(path); err != nil {
		return nil, err
	}
	f, err := c.scripts.open(&c.disk, path)
	if errors.Is(err, fs.ErrNotExist) {
		c.missing.add(path, err)
	}
	return f, err
}

// readPresent reads a file that may not be there.
func (c *codebase) readPresent(path string) (string, error) {
	if err := c.missing.find(path); err != nil {
		return "", err
	}
	text, err := c.disk.read(path)
	if errors.Is(err, fs.ErrNotExist) {
		c.missing.add(path, err)
	}
	return text, err
}

// textOnTrial returns a file's text in the version that a reload is running: the old one, to compare, or the new one.
func (s *Service) textOnTrial(path string) (string, bool) {
	if s == nil || s.code.trial == nil {
		return "", false
	}
	v := s.code.trial.versions[path]
	switch {
	case v == nil:
		return "", false
	case s.code.trial.stage == vm.StageReplay:
		return v.oldText, true
	}
	return v.text, true
}

// missingFiles remembers for a moment which files are not there: each service that starts looks for its modules in the
// same places in vain.
type missingFiles struct {
	mu    sync.Mutex
	until time.Time
	paths map[string]error // of the attempt to open it
}

// missingTime is how long a new file may go unnoticed by a service that starts.
const missingTime = time.Second

// find returns the error of opening a file that is not there, or nil.
func (m *missingFiles) find(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.paths) == 0 || time.Now().After(m.until) {
		m.paths = nil
		return nil
	}
	return m.paths[path]
}

func (m *missingFiles) add(path string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.paths == nil {
		m.paths = map[string]error{}
		m.until = time.Now().Add(missingTime)
	}
	m.paths[path] = err
}

func (m *missingFiles) forget() {
	m.mu.Lock()
	m.paths = nil
	m.mu.Unlock()
}

// textFile is a file in memory.
type textFile struct {
	strings.Reader
	name, text string
}

func newTextFile(path, text string) *textFile {
	f := &textFile{name: path, text: text}
	f.Reset(text)
	return f
}

func (f *textFile) Stat() (fs.FileInfo, error) { return textInfo{f}, nil }
func (f *textFile) Close() error               { return nil }

// Text returns the whole content.
func (f *textFile) Text() string { return f.text }

type textInfo struct{ f *textFile }

func (i textInfo) Name() string       { return i.f.name }
func (i textInfo) Size() int64        { return int64(len(i.f.text)) }
func (i textInfo) Mode() fs.FileMode  { return 0o444 }
func (i textInfo) ModTime() time.Time { return time.Time{} }
func (i textInfo) IsDir() bool        { return false }
func (i textInfo) Sys() any           { return nil }

// contentHash is how file contents are named in status and history.
func contentHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// chunk is a file whose code a service runs.
type chunk struct {
	module    string // "" for the script of the service, and for what dofile and loadfile bring
	file      string
	included  bool // by dofile or loadfile of the importers' main chunks
	proto     *vm.Proto
	importers []string // files that required it
}

// loadedCode is what a service has loaded from files.
type loadedCode struct {
	chunks     []*chunk
	generation int                  // of the last reload that changed it; 1 at first
	adopted    time.Time            // when the reload that changed it began
	before     int                  // the generation before that
	previous   map[*chunk]*vm.Proto // code before that
	conflicts  []string
	advice     []string
	trial      *trial
	probation  *serviceProbation
	declared   map[declaration]*resource
}

func (c *loadedCode) find(module string) *chunk {
	for _, k := range c.chunks {
		if k.module == module && !k.included {
			return k
		}
	}
	return nil
}

// file returns what was loaded from a file, in whatever way.
func (c *loadedCode) file(path string) *chunk {
	for _, k := range c.chunks {
		if k.file == path {
			return k
		}
	}
	return nil
}

// script notes the code of the service's script.
func (c *loadedCode) script(file string, p *vm.Proto, generation int) {
	c.chunks = append(c.chunks, &chunk{file: file, proto: p})
	c.generation = generation
}

// required is told of each module that a script's code requires.
func (s *Service) required(r lib.Requirement) {
	importer := strings.TrimPrefix(r.Importer, "@")
	p, ok := vm.MainChunk(r.Loader)
	if r.Module == "" && (!ok || s.code.file(importer) == nil) {
		return // not at load time: it won't be run again
	}
	if !ok {
		if t := s.code.trial; t != nil {
			t.required = append(t.required, requirement{importer: importer, module: r.Module})
		} else if k := s.code.find(r.Module); k != nil {
			k.importedBy(importer)
		}
		return
	}
	q := requirement{importer, r.Module, r.File, p}
	if t := s.code.trial; t != nil {
		t.required = append(t.required, q)
		return
	}
	s.note(q)
}

// note keeps what the service loads, and makes it known to the host.
func (s *Service) note(q requirement) {
	s.code.note(q)
	if q.proto == nil {
		return
	}
	if q.module != "" {
		s.host.code.name(q.file, q.module)
	}
	s.host.code.noteSource(s.host.compiler, q.file, q.proto)
}

// name notes by which name a file was required.
func (c *codebase) name(file, module string) {
	c.mu.Lock()
	c.modules[file] = module
	c.mu.Unlock()
}

// noteSource keeps the text that was compiled to p, to compare and for a rollback. When the file has changed since it
// was read, the code counts as old, and the next reload replaces it.
func (c *codebase) noteSource(compiler *vm.Compiler, file string, p *vm.Proto) {
	c.mu.Lock()
	s := c.files[file]
	c.mu.Unlock()
	if s != nil && s.proto == p {
		return
	}
	text, err := c.readPresent(file)
	if err != nil {
		return // a module of the library
	}
	if q, err := compiler.CompileFile(text, file); err != nil || q != p {
		text = ""
	}
	c.use(file, text, p)
}

type requirement struct {
	importer, module, file string
	proto                  *vm.Proto
}

// note adds a module, or another file that requires it.
func (c *loadedCode) note(r requirement) {
	k := c.find(r.module)
	if r.module == "" {
		k = c.file(r.file)
	}
	if k == nil && r.proto == nil {
		return // written in Go
	}
	if k == nil {
		k = &chunk{module: r.module, included: r.module == ""}
		c.chunks = append(c.chunks, k)
	}
	if r.proto != nil {
		k.file, k.proto = r.file, r.proto
	}
	k.importedBy(r.importer)
}

func (k *chunk) importedBy(importer string) {
	if importer != "" && !slices.Contains(k.importers, importer) {
		k.importers = append(k.importers, importer)
	}
}
