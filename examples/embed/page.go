package main

import (
	_ "embed"
	"io"
	"strings"
)

//go:embed page.html
var html string

func page() io.ReadSeeker { return strings.NewReader(html) }
