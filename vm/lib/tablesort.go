package lib

import (
	"math"
	"math/bits"
	"slices"

	"github.com/luahost/luahost/vm"
)

// tableSort implements table.sort. Without a comparison function, all numbers and all strings are sorted in Go.
func tableSort(c *vm.Call) error {
	t := c.CheckTable(1)
	n, err := length(c, t)
	if err != nil {
		return err
	}
	less := c.Arg(2)
	if !less.IsNil() {
		c.CheckFunction(2)
	} else if array := t.Array(); n <= len(array) {
		if done, err := sortPlain(c, t, array[:max(n, 0)]); done || err != nil {
			return err
		}
	}
	s := sorter{c: c, t: t, less: less}
	return s.sort(1, n)
}

// sortPlain sorts numbers, or strings; it returns false when array holds anything else, or nan.
func sortPlain(c *vm.Call, t *vm.Table, array []vm.Value) (done bool, err error) {
	if len(array) < 2 {
		return true, nil
	}
	n := len(array)
	if err := c.State().Spend(int64(n) * int64(bits.Len(uint(n))) / 8); err != nil {
		return false, err
	}
	if err := c.State().Reserve(n * valueBytes); err != nil {
		return false, err
	}
	if array[0].Kind() == vm.KindNumber {
		return sortNumbers(t, array), nil
	}
	return sortStrings(t, array), nil
}

// sortNumbers sorts the bits of the numbers, turned so that they are in the order of the numbers.
func sortNumbers(t *vm.Table, array []vm.Value) bool {
	keys := make([]uint64, len(array))
	for i, v := range array {
		f, ok := v.AsNumber()
		if !ok || f != f {
			return false
		}
		b := math.Float64bits(f)
		keys[i] = b ^ (uint64(int64(b)>>63) | 1<<63)
	}
	slices.Sort(keys)
	for i, k := range keys {
		t.SetInt(i+1, vm.Number(math.Float64frombits(k^(uint64(int64(^k)>>63)|1<<63))))
	}
	return true
}

func sortStrings(t *vm.Table, array []vm.Value) bool {
	keys := make([]string, len(array))
	for i, v := range array {
		s, ok := v.AsString()
		if !ok {
			return false
		}
		keys[i] = s
	}
	slices.Sort(keys)
	for i, s := range keys {
		t.SetInt(i+1, vm.String(s))
	}
	return true
}

// sorter sorts by comparisons that may run Lua code: the quicksort of C Lua, comparison by comparison, because
// programs see in which order they come, and which orders are found to be invalid.
type sorter struct {
	c    *vm.Call
	t    *vm.Table
	less vm.Value // the comparison function, or nil
}

func (s *sorter) compare(a, b vm.Value) (bool, error) {
	if s.less.IsNil() {
		if err := s.c.State().Spend(1); err != nil {
			return false, err
		}
		return s.c.Less(a, b)
	}
	results, err := s.c.Call(s.less, a, b)
	if err != nil || len(results) == 0 {
		return false, err
	}
	return results[0].Truthy(), nil
}

// order swaps the elements at i and j, i < j, unless they are in order.
func (s *sorter) order(i, j int) (swapped bool, err error) {
	a, b := s.t.GetInt(i), s.t.GetInt(j)
	swapped, err = s.compare(b, a)
	if swapped {
		s.t.SetInt(i, b)
		s.t.SetInt(j, a)
	}
	return swapped, err
}

// sort sorts the elements from low to high.
func (s *sorter) sort(low, high int) error {
	for low < high {
		if _, err := s.order(low, high); err != nil || high-low == 1 {
			return err
		}
		middle := low + (high-low)/2
		if swapped, err := s.order(low, middle); err != nil {
			return err
		} else if !swapped {
			if _, err := s.order(middle, high); err != nil {
				return err
			}
		}
		if high-low == 2 {
			return nil
		}
		pivot, err := s.partition(low, high, middle)
		if err != nil {
			return err
		}
		// The smaller part by recursion, the larger one by going on.
		if pivot-low < high-pivot {
			err = s.sort(low, pivot-1)
			low = pivot + 1
		} else {
			err = s.sort(pivot+1, high)
			high = pivot - 1
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// partition moves what is less than the median of three to its left and returns the place of that.
func (s *sorter) partition(low, high, middle int) (int, error) {
	t := s.t
	pivot := t.GetInt(middle)
	s.swap(middle, high-1)
	i, j := low, high-1
	for {
		for i++; ; i++ {
			less, err := s.compare(t.GetInt(i), pivot)
			if err != nil {
				return 0, err
			}
			if !less {
				break
			}
			if i >= high {
				return 0, s.invalidOrder()
			}
		}
		for j--; ; j-- {
			less, err := s.compare(pivot, t.GetInt(j))
			if err != nil {
				return 0, err
			}
			if !less {
				break
			}
			if j <= low {
				return 0, s.invalidOrder()
			}
		}
		if j < i {
			break
		}
		s.swap(i, j)
	}
	s.swap(high-1, i)
	return i, nil
}

func (s *sorter) swap(i, j int) {
	a, b := s.t.GetInt(i), s.t.GetInt(j)
	s.t.SetInt(i, b)
	s.t.SetInt(j, a)
}

func (s *sorter) invalidOrder() error { return s.c.Errorf("invalid order function for sorting") }
