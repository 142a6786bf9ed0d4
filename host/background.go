package host

import (
	"context"
	"sync"
)

// background is the goroutines that work for services.
type background struct {
	running sync.WaitGroup
	once    sync.Once
}

type backgroundKey struct{}

// Background runs f in a goroutine of its own, for what blocks. ctx ends with the service, and f must return soon after;
// Host.Close waits for it as long as its own context allows. How f's results get back into the service is up to it: see
// Deliver and Post.
func (s *Service) Background(f func(ctx context.Context)) {
	b := s.host.Local(backgroundKey{}, func() any { return new(background) }).(*background)
	b.once.Do(func() { s.host.OnClose(b.wait) })
	ctx := s.Context()
	b.running.Go(func() { f(ctx) })
}

func (b *background) wait(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		b.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}
