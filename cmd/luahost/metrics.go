package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/luahost/luahost/host"
)

// metricsServer serves numbers about a host to Prometheus, on this machine only.
type metricsServer struct {
	server *http.Server
	group  sync.WaitGroup
	stop   func() // being told of reloads
}

// checkMetrics requires an address of this machine itself, or none: whoever may connect may read.
func checkMetrics(address string) error {
	if address == "" {
		return nil
	}
	name, _, err := net.SplitHostPort(address)
	if err != nil || !isLoopback(name) {
		return usageError(fmt.Sprintf("--metrics %s: want an address of this machine itself and a port, as 127.0.0.1:9090", address))
	}
	return nil
}

// serveMetrics begins to serve.
func serveMetrics(h *host.Host, address string) (*metricsServer, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--metrics: %w", err)
	}
	registry := prometheus.NewRegistry()
	m := &metricsServer{stop: h.OnReload(countReloads(registry))}
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &hostCollector{h})
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", ownName(promhttp.HandlerFor(registry, promhttp.HandlerOpts{})))
	m.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10}
	m.group.Go(func() {
		if err := m.server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			h.Logf(0, "metrics: %v", err)
		}
	})
	h.Logf(0, "metrics at http://%s/metrics", l.Addr())
	return m, nil
}

func (m *metricsServer) close() {
	if m == nil {
		return
	}
	m.stop()
	_ = m.server.Close()
	m.group.Wait()
}

func isLoopback(name string) bool {
	a, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && a.IsLoopback()
}

// ownName refuses requests under other names than those of this machine itself: a web page whose name has been made to
// lead here shall not read the answer.
func ownName(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			name = r.Host
		}
		if !isLoopback(name) {
			http.Error(w, "ask under the name localhost", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// countReloads returns what counts the reports of reloads.
func countReloads(registry *prometheus.Registry) func(*host.Reload) {
	total := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "reload_total", Help: "Reloads that found something to apply, by their result.",
	}, []string{"result"})
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "reload_seconds", Help: "Time that reloads took: in all, to try the new code, to apply it, and the worst pause of a service.",
		Buckets: prometheus.ExponentialBuckets(0.0001, 3, 11),
	}, []string{"phase"})
	conflicts := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "reload_conflicts_total", Help: "Variables that both the program and an applied reload changed.",
	})
	registry.MustRegister(total, seconds, conflicts)
	for _, r := range []host.ReloadResult{host.ReloadOK, host.ReloadRejected, host.ReloadRolledBack} {
		total.WithLabelValues(resultLabel(r, false))
	}
	total.WithLabelValues(resultLabel(host.ReloadOK, true))
	return func(r *host.Reload) {
		if r.DryRun || r.Result == host.ReloadUnchanged {
			return
		}
		total.WithLabelValues(resultLabel(r.Result, r.Auto())).Inc()
		seconds.WithLabelValues("total").Observe(r.Seconds)
		if r.Result == host.ReloadOK {
			seconds.WithLabelValues("prepare").Observe(r.Prepare)
			seconds.WithLabelValues("commit").Observe(r.Commit)
			seconds.WithLabelValues("worst_pause").Observe(r.Pause)
			conflicts.Add(float64(len(r.Conflicts)))
		}
	}
}

func resultLabel(r host.ReloadResult, auto bool) string {
	switch {
	case auto:
		return "auto_rollback"
	case r == host.ReloadRolledBack:
		return "rolled_back"
	}
	return string(r)
}

// hostCollector asks the host for what it is like now.
type hostCollector struct{ h *host.Host }

// The labels are names of services: those of one name count together.
var (
	generationDesc = prometheus.NewDesc("lua_generation", "Generation of the last reload that changed a service; the lowest of those of one name.", []string{"service"}, nil)
	oldFramesDesc  = prometheus.NewDesc("lua_old_frames", "Active functions that go on with code that a reload has changed.", []string{"service"}, nil)
	stuckDesc      = prometheus.NewDesc("lua_stuck_closures", "Functions whose closures can't get their new code.", []string{"service"}, nil)
	servicesDesc   = prometheus.NewDesc("lua_services", "Services that live.", []string{"service"}, nil)
	waitingDesc    = prometheus.NewDesc("lua_messages_waiting", "Messages in mailboxes.", []string{"service"}, nil)
	memoryDesc     = prometheus.NewDesc("lua_memory_bytes", "Lua values of services.", []string{"service"}, nil)
	hostGenDesc    = prometheus.NewDesc("lua_host_generation", "Generation of the code that services start with.", nil, nil)
	watchDesc      = prometheus.NewDesc("watch_mode", "1 for how changes of files are noticed: inotify, poll or off.", []string{"mode"}, nil)
)

// Describe implements prometheus.Collector.
func (c *hostCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{generationDesc, oldFramesDesc, stuckDesc, servicesDesc, waitingDesc, memoryDesc, hostGenDesc, watchDesc} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *hostCollector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	status := c.h.ReloadStatus(ctx)
	type sum struct{ services, generation, frames, stuck, waiting, memory int }
	sums := map[string]*sum{}
	of := func(name string) *sum {
		if sums[name] == nil {
			sums[name] = &sum{}
		}
		return sums[name]
	}
	for _, s := range status.Services {
		n := of(s.Name)
		if s.Busy == "" && (n.generation == 0 || s.Generation < n.generation) {
			n.generation = s.Generation
		}
		for _, f := range s.Frames {
			if !f.Same {
				n.frames++
			}
		}
		n.stuck += len(s.Stuck)
	}
	for _, s := range c.h.Services() {
		n := of(s.Name())
		waiting, _, _ := s.Stat()
		n.services++
		n.waiting += waiting
		n.memory += int(s.Memory())
	}
	for name, n := range sums {
		if n.generation > 0 {
			gauge(generationDesc, float64(n.generation), name)
		}
		gauge(oldFramesDesc, float64(n.frames), name)
		gauge(stuckDesc, float64(n.stuck), name)
		gauge(servicesDesc, float64(n.services), name)
		gauge(waitingDesc, float64(n.waiting), name)
		gauge(memoryDesc, float64(n.memory), name)
	}
	gauge(hostGenDesc, float64(status.Generation))
	for label, mode := range map[string]string{"inotify": "events", "poll": "poll", "off": "off"} {
		on := 0.0
		if status.Watch == mode {
			on = 1
		}
		gauge(watchDesc, on, label)
	}
}
