package main

import (
	"fmt"
	"sort"
	"strings"
)

// What a reply ends in from where on the model does not tell it: the order and choice of a range's pairs.
const loose = "…"

// operation is one of a client, or a part of a txn. 64-bit numbers come as text.
type operation struct {
	Kind, Key, End, Value                           string
	Lease                                           string
	PrevKv, IgnoreValue, IgnoreLease                bool
	Limit, SortOrder, SortTarget, MinMod, MaxCreate int
	CountOnly, KeysOnly                             bool
	Compare                                         []compare
	Success, Failure                                []*operation
}

type compare struct {
	Key, End, Target, Result, Value, Lease string
	Number                                 int
}

type pair struct {
	key, value           string
	create, mod, version int
	lease                string
}

// state is never changed: each operation that writes makes a new one.
type state struct {
	revision int
	// In key order.
	pairs []pair
	shown string
}

func (s *state) text() string {
	if s.shown == "" {
		s.shown = fmt.Sprintf("r%d %s", s.revision, show(s.pairs))
	}
	return s.shown
}

// apply gives the reply and the state after it.
func (s *state) apply(op *operation) (string, *state) {
	run := &step{before: s, pairs: s.pairs}
	reply := run.do(op, false)
	if !run.wrote {
		return reply, s
	}
	return reply, &state{revision: s.revision + 1, pairs: run.pairs}
}

// step is one revision in the making.
type step struct {
	before *state
	pairs  []pair
	wrote  bool
}

func (s *step) revision() int {
	if s.wrote {
		return s.before.revision + 1
	}
	return s.before.revision
}

func (s *step) do(op *operation, nested bool) string {
	switch op.Kind {
	case "range":
		return s.get(op)
	case "put":
		return s.put(op)
	case "delete":
		return s.delete(op)
	case "endLease":
		s.remove(func(one pair) bool { return one.lease == op.Lease })
		return fmt.Sprintf("r%d", s.revision())
	case "txn":
		return s.txn(op, nested)
	}
	panic("an operation of kind " + op.Kind)
}

func (s *step) get(op *operation) string {
	found := within(s.pairs, op.Key, op.End)
	head := fmt.Sprintf("r%d n%d", s.revision(), len(found))
	if op.CountOnly {
		return head + " []"
	}
	if op.Limit != 0 || op.SortOrder != 0 || op.MinMod != 0 || op.MaxCreate != 0 || op.KeysOnly {
		return head + " " + loose
	}
	return head + " " + show(found)
}

func (s *step) put(op *operation) string {
	created := s.before.revision + 1
	one := pair{key: op.Key, value: op.Value, create: created, mod: created, version: 1, lease: op.Lease}
	at := sort.Search(len(s.pairs), func(at int) bool { return s.pairs[at].key >= op.Key })
	exists := at < len(s.pairs) && s.pairs[at].key == op.Key
	if !exists && (op.IgnoreValue || op.IgnoreLease) {
		// It was refused, if it came to be.
		return "refused"
	}
	previous := ""
	after := append([]pair(nil), s.pairs[:at]...)
	if exists {
		old := s.pairs[at]
		one.create, one.version = old.create, old.version+1
		if op.IgnoreValue {
			one.value = old.value
		}
		if op.IgnoreLease {
			one.lease = old.lease
		}
		if op.PrevKv {
			previous = " <" + old.text() + ">"
		}
		s.pairs = append(append(after, one), s.pairs[at+1:]...)
	} else {
		s.pairs = append(append(after, one), s.pairs[at:]...)
	}
	s.wrote = true
	return fmt.Sprintf("r%d%s", s.revision(), previous)
}

func (s *step) delete(op *operation) string {
	found := within(s.pairs, op.Key, op.End)
	s.remove(func(one pair) bool { return holds(op.Key, op.End, one.key) })
	previous := found
	if !op.PrevKv {
		previous = nil
	}
	return fmt.Sprintf("r%d d%d %s", s.revision(), len(found), show(previous))
}

func (s *step) remove(goes func(pair) bool) {
	var kept []pair
	for _, one := range s.pairs {
		if !goes(one) {
			kept = append(kept, one)
		}
	}
	if len(kept) < len(s.pairs) {
		s.pairs, s.wrote = kept, true
	}
}

func (s *step) txn(op *operation, nested bool) string {
	branch, taken := op.Failure, "no"
	if s.holdsAll(op.Compare) {
		branch, taken = op.Success, "yes"
	}
	replies := make([]string, len(branch))
	for at, one := range branch {
		replies[at] = s.do(one, true)
	}
	revision := s.revision()
	if nested {
		revision = 0
	}
	head := fmt.Sprintf("r%d %s", revision, taken)
	joined := strings.Join(replies, "; ")
	if strings.Contains(joined, loose) {
		return head + loose
	}
	return head + "(" + joined + ")"
}

// All compares, of a txn in a txn too, are on the state before.
func (s *step) holdsAll(compares []compare) bool {
	for _, one := range compares {
		found := within(s.before.pairs, one.Key, one.End)
		if len(found) == 0 && (one.Target == "value" || !one.holds(pair{lease: "0"})) {
			return false
		}
		for _, each := range found {
			if !one.holds(each) {
				return false
			}
		}
	}
	return true
}

func (c compare) holds(one pair) bool {
	order := 0
	switch c.Target {
	case "version":
		order = one.version - c.Number
	case "create":
		order = one.create - c.Number
	case "mod":
		order = one.mod - c.Number
	case "value":
		order = strings.Compare(one.value, c.Value)
	case "lease":
		// IDs of one digit.
		order = strings.Compare(one.lease, c.Lease)
	}
	switch c.Result {
	case "=":
		return order == 0
	case "!=":
		return order != 0
	case ">":
		return order > 0
	default:
		return order < 0
	}
}

func within(pairs []pair, key, end string) []pair {
	var found []pair
	for _, one := range pairs {
		if holds(key, end, one.key) {
			found = append(found, one)
		}
	}
	return found
}

func holds(key, end, candidate string) bool {
	if end == "" {
		return candidate == key
	}
	return candidate >= key && (end == "\x00" || candidate < end)
}

func (p pair) text() string {
	return fmt.Sprintf("%s=%s@%d/%d/%d/%s", p.key, p.value, p.create, p.mod, p.version, p.lease)
}

func show(pairs []pair) string {
	texts := make([]string, len(pairs))
	for at, one := range pairs {
		texts[at] = one.text()
	}
	return "[" + strings.Join(texts, ",") + "]"
}
