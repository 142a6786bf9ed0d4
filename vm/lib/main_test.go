package lib_test

import (
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// The programs are for one time zone; C Lua is told of it by the environment.
func TestMain(m *testing.M) {
	os.Setenv("TZ", "UTC")
	time.Local = time.UTC
	goleak.VerifyTestMain(m)
}
