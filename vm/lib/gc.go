package lib

import "github.com/luahost/luahost/vm"

// gcKey is where a state keeps what its script has told the collector, from the first time that it does.
const gcKey = "_GC"

// collectGarbage lets scripts speak to the collector (Lua 5.2 manual, section 6.1). Memory is Go's to collect: what they
// set is remembered and told, and steps add up to a collection, but neither changes when Go collects.
func collectGarbage(c *vm.Call) error {
	option := checkOption(c, 1, "collect", "stop", "restart", "collect", "count", "step", "setpause", "setstepmul",
		"setmajorinc", "isrunning", "generational", "incremental")
	n := c.OptInt(2, 0)
	s := c.State()
	switch option {
	case "collect":
		if err := s.Collect(); err != nil {
			return err
		}
	case "count":
		bytes := s.Count()
		c.Push(vm.Number(float64(bytes)/1024), vm.Int(int(bytes%1024)))
		return nil
	case "step":
		done, err := collectStep(s, n)
		if err != nil {
			return err
		}
		return c.Return(vm.Bool(done))
	case "isrunning":
		return c.Return(vm.Bool(gcSetting(s, "stop", 0) == 0))
	case "stop":
		setGC(s, "stop", 1)
	case "restart":
		setGC(s, "stop", 0)
	case "setpause", "setstepmul", "setmajorinc":
		old := gcSetting(s, option, 200)
		setGC(s, option, n)
		return c.Return(vm.Int(old))
	}
	return c.Return(vm.Int(0))
}

// cycleSteps is how many steps of size 0 make a cycle.
const cycleSteps = 128

// collectStep counts a step of a size in KB. It collects, and returns true, when the steps add up to the memory that the
// state had when the first of them was made.
func collectStep(s *vm.State, size int) (done bool, err error) {
	cycle := gcSetting(s, "cycle", 0)
	if cycle == 0 {
		cycle = int(s.Count())
		setGC(s, "cycle", cycle)
	}
	sum := gcSetting(s, "sum", 0) + 1024*max(size, 0) + cycle/cycleSteps + 1
	if sum < cycle {
		setGC(s, "sum", sum)
		return false, nil
	}
	setGC(s, "sum", 0)
	setGC(s, "cycle", 0)
	return true, s.Collect()
}

func gcSetting(s *vm.State, name string, def int) int {
	if t := registryTable(s, gcKey); t != nil {
		if f, ok := t.GetString(name).AsNumber(); ok {
			return int(f)
		}
	}
	return def
}

func setGC(s *vm.State, name string, n int) {
	t := registryTable(s, gcKey)
	if t == nil {
		t = s.NewTable(0, 4)
		s.Registry().SetString(gcKey, t.Value())
	}
	t.SetString(name, vm.Int(n))
}
