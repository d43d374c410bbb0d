//go:build tools

// Package build keeps what h2spec needs in go.mod.
package build

import _ "github.com/summerwind/h2spec/cmd/h2spec"
