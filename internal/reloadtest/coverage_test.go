package reloadtest

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// scenarios tells which tests show what hot reload promises, in the order of the list that it was built by: numbers are those of
// that list.
var scenarios = []struct {
	scenario string
	tests    []string // package directory and name
}{
	{"1: functions held in locals, timers, table values, table keys and Go", []string{"vm.TestHeldFunctions", "internal/reloadtest.TestTimersAndForks"}},
	{"2: a counter shared by two functions, lines moved", []string{"vm.TestSharedUpvalue", "vm.TestNoCodeChange"}},
	{"3: an edited initial value, and one that the program has changed", []string{"vm.TestMergeOfVariables", "vm.TestMergeOfFields"}},
	{"4: false and nil stay", []string{"vm.TestMergeOfVariables"}},
	{"5: a parked coroutine finishes its frame, and the status lists it", []string{"vm.TestParkedCoroutine", "vm.TestCensus", "host.TestReloadStatus", "internal/reloadtest.TestParkedCoroutines"}},
	{"6: a reload asked for inside a recursion", []string{"host.TestPackageReload"}},
	{"7: instances of nested factories", []string{"vm.TestInstances"}},
	{"8: two coroutines in one factory frame", []string{"internal/reloadtest.TestTwoCoroutinesOneFactory"}},
	{"9: two of three files are broken", []string{"host.TestReloadRejectsBrokenFiles", "host.TestReloadIsAllOrNothing"}},
	{"10: a failed load leaves no trace", []string{"vm.TestFailedLoadLeavesNoTrace", "vm.TestJournalSeesAllWrites", "vm.TestUndo"}},
	{"11: __reload changes 1000 objects, rollback changes them back", []string{"host.TestReloadHooksAndRollback", "vm.TestRollback"}},
	{"12: 500 connections with traffic; the pause", []string{"internal/reloadtest.TestTrafficDuringReloads", "internal/reloadtest.BenchmarkTrafficDuringReloads"}},
	{"13: listeners and timers made at load time", []string{"internal/reloadtest.TestListenAtLoad", "host.TestReloadDeclarations"}},
	{"14: the start function's handlers, and its other statements", []string{"host.TestReloadStartFunction", "internal/reloadtest.TestStartBodyChange"}},
	{"15: cycles, modules that are no tables", []string{"vm.TestCycle", "internal/reloadtest.TestCycleOfModules", "vm.TestModuleKinds", "internal/reloadtest.TestTableBecomesFunction"}},
	{"16: each way to save", []string{"host/internal/watch.TestSaves", "host/internal/watch.TestNoChange", "host/internal/watch.TestCheckout", "host/internal/watch.TestSymlinks",
		"host/internal/watch.TestNewDirectory", "host/internal/watch.TestReplacedDirectory", "host/internal/watch.TestLost", "host/internal/watch.TestSaveDuringChange", "host.TestReloadOfLines"}},
	{"17: no events, too many events", []string{"host/internal/watch.TestNoEvents", "host/internal/watch.TestOverflow", "host/internal/watch.TestEventsBreakOff", "cmd/luahost.TestMetrics"}},
	{"18: code that doesn't end, a service that is busy", []string{"host.TestReloadEndlessAndBusy"}},
	{"19: undefined globals; a dry run changes nothing", []string{"host.TestReloadLint", "internal/reloadtest.TestListenAtLoad"}},
	{"20: 1000 services share a module", []string{"host.TestReloadThousandServices"}},
	{"saves of people, the built program", []string{"cmd/luahost.TestRunAppliesSaves", "cmd/luahost.TestSavesOfEditors"}},
	{"services that start and end meanwhile, a host that ends", []string{"host.TestReloadReachesServicesThatStartMeanwhile", "internal/reloadtest.TestReloadsAmongComingAndGoing"}},
	{"1000 agents in the middle of a read", []string{"internal/reloadtest.TestThousandAgentsInTheMiddleOfRead"}},
	{"class libraries over files", []string{"vm.TestClasses", "internal/reloadtest.TestClassLibrary", "internal/reloadtest.TestMiddleclassStyle"}},
	{"files of Windows: marks, line ends, paths", []string{"internal/reloadtest.TestFileForms", "host.TestSplitPosition"}},
}

// Each test that the list names exists.
func TestScenariosAreTested(t *testing.T) {
	for _, s := range scenarios {
		for _, test := range s.tests {
			name := filepath.Ext(test)[1:]
			files, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(test[:len(test)-len(name)-1]), "*_test.go"))
			if err != nil {
				t.Fatal(err)
			}
			definition := regexp.MustCompile(`(?m)^func ` + name + `\(`)
			found := false
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				found = found || definition.Match(text)
			}
			if !found {
				t.Errorf("%s: no test %s", s.scenario, test)
			}
		}
	}
}
