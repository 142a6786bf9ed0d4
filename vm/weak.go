package vm

type weakTable struct{}

type finalizers struct{}

func (f *finalizers) watch(s *State, t *Table) {}

func (t *Table) applyMode() {}

func (t *Table) weakGet(key Value) Value { return Value{} }

func (t *Table) weakSet(key, v Value) {}

func (t *Table) weakLen() int { return 0 }

func (t *Table) weakNext(key Value) (k, v Value, err error) { return }
