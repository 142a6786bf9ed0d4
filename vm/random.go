package vm

import "math/rand/v2"

// Random returns the state's own source of random numbers, seeded at first use. It serves games, not secrets.
func (s *State) Random() *rand.PCG {
	if s.random == nil {
		s.random = rand.NewPCG(rand.Uint64(), rand.Uint64())
	}
	return s.random
}
