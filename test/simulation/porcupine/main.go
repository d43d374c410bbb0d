// Reads histories of clients, a run a line of JSON, and says for each whether it is linearizable:
//
//	{"seed":1,"operations":[{"client":0,"op":{…},"call":1,"return":2,"output":"r2"},…]}
//	→ 1 ok | 1 illegal | 1 undecided
//
// Of an output that ends in … the beginning is known. The model here is a third one, beside etcdlite's and that of the simulation: an etcd of one revision at a time.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
)

// How long one history is looked at before it is given up.
const patience = 30 * time.Second

// The longest line, in bytes.
const maxLine = 64 << 20

type history struct {
	Seed       int64
	Operations []struct {
		Client       int
		Op           *operation
		Call, Return int64
		Output       string
	}
}

func (h history) porcupine() []porcupine.Operation {
	operations := make([]porcupine.Operation, len(h.Operations))
	for at, one := range h.Operations {
		operations[at] = porcupine.Operation{
			// Those that are not clients have a negative number.
			ClientId: one.Client + 1, Input: one.Op, Call: one.Call, Output: one.Output, Return: one.Return,
		}
	}
	return operations
}

var model = porcupine.Model{
	Init: func() any { return &state{revision: 1} },
	Step: func(before, input, output any) (bool, any) {
		reply, after := before.(*state).apply(input.(*operation))
		return agree(output.(string), reply), after
	},
	Equal: func(a, b any) bool { return a.(*state).text() == b.(*state).text() },
	Hash: func(one any) uint64 {
		hash := fnv.New64a()
		hash.Write([]byte(one.(*state).text()))
		return hash.Sum64()
	},
}

// agree: what was told is the reply, as far as both are known.
func agree(told, reply string) bool {
	if head, isLoose := strings.CutSuffix(told, loose); isLoose {
		return strings.HasPrefix(reply+" ", head+" ")
	}
	if head, isLoose := strings.CutSuffix(reply, loose); isLoose {
		return strings.HasPrefix(told, head)
	}
	return told == reply
}

func check(line []byte) string {
	var one history
	if err := json.Unmarshal(line, &one); err != nil {
		return fmt.Sprintf("? %v", err)
	}
	switch porcupine.CheckOperationsTimeout(model, one.porcupine(), patience) {
	case porcupine.Ok:
		return fmt.Sprintf("%d ok", one.Seed)
	case porcupine.Illegal:
		return fmt.Sprintf("%d illegal", one.Seed)
	default:
		return fmt.Sprintf("%d undecided", one.Seed)
	}
}

func main() {
	lines := make(chan []byte, 100)
	var running sync.WaitGroup
	var printing sync.Mutex
	for range runtime.NumCPU() {
		running.Go(func() {
			for line := range lines {
				verdict := check(line)
				printing.Lock()
				fmt.Println(verdict)
				printing.Unlock()
			}
		})
	}
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(make([]byte, 1<<16), maxLine)
	for scanner.Scan() {
		lines <- append([]byte(nil), scanner.Bytes()...)
	}
	close(lines)
	running.Wait()
	if err := scanner.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
