package main

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
)

// checks collects what a case found wrong, so that one run tells all of it.
type checks struct{ errs []error }

// equal notes a difference; got and want must have one type.
func (c *checks) equal(what string, got, want any) {
	if !reflect.DeepEqual(got, want) {
		c.errs = append(c.errs, fmt.Errorf("%s: got %v, want %v%s", what, got, want, caller()))
	}
}

func (c *checks) isTrue(what string, condition bool) {
	if !condition {
		c.errs = append(c.errs, fmt.Errorf("%s%s", what, caller()))
	}
}

// isError notes an error that is not the wanted one.
func (c *checks) isError(what string, got, want error) {
	if !errors.Is(got, want) {
		c.errs = append(c.errs, fmt.Errorf("%s: got error %v, want %v%s", what, got, want, caller()))
	}
}

func (c *checks) err() error { return errors.Join(c.errs...) }

func caller() string {
	_, file, line, _ := runtime.Caller(2)
	for at := len(file) - 1; at >= 0; at-- {
		if file[at] == '/' {
			file = file[at+1:]
			break
		}
	}
	return fmt.Sprintf(" (%s:%d)", file, line)
}
