// Load for the rows that h2load cannot make: streams, and calls that differ from one another.
//
// The one argument is a JSON object (type spec). Prints the line "begin" when what is counted begins, and a JSON
// object (type result) when it has ended. Every reply is looked at; one that is not as it should be ends the program.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"slices"
	"sync"
	"time"
)

type spec struct {
	Kind string `json:"kind"`
	// Host and port.
	Endpoint    string `json:"endpoint"`
	Connections int    `json:"connections"`
	Streams     int    `json:"streams"`
	// Calls, or requests on a stream, under way at once on each stream or connection.
	InFlight int `json:"inFlight"`
	Total    int `json:"total"`
	// What all keys begin with, or the one key.
	Key        string `json:"key"`
	Keys       int    `json:"keys"`
	ValueBytes int    `json:"valueBytes"`
	Watchers   int    `json:"watchers"`
	// For a watch of what has been: its first revision.
	StartRevision int64 `json:"startRevision"`
	Lease         int64 `json:"lease"`
}

type result struct {
	Count   int     `json:"count"`
	Seconds float64 `json:"seconds"`
	P50Ms   float64 `json:"p50Ms"`
	P99Ms   float64 `json:"p99Ms"`
}

var kinds = map[string]func(spec) (int, *times){
	"mixed":       mixed,
	"delete":      deleteKeys,
	"keepalive":   keepAlive,
	"rangestream": rangeStream,
	"watch":       watch,
}

var begun time.Time

// What is counted begins now.
func begin() {
	fmt.Println("begin")
	begun = time.Now()
}

func main() {
	log.SetFlags(0)
	var s spec
	if err := json.Unmarshal([]byte(os.Args[1]), &s); err != nil {
		log.Fatal(err)
	}
	run := kinds[s.Kind]
	if run == nil {
		log.Fatalf("no kind %q", s.Kind)
	}
	count, t := run(s)
	seconds := time.Since(begun).Seconds()
	out, err := json.Marshal(result{count, seconds, t.ms(0.5), t.ms(0.99)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(out))
}

// Times that several goroutines take.
type times struct {
	mu  sync.Mutex
	all []time.Duration
}

func (t *times) add(some []time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, some...)
}

// The time that a share of all are within, in milliseconds.
func (t *times) ms(share float64) float64 {
	if len(t.all) == 0 {
		return 0
	}
	slices.Sort(t.all)
	at := min(len(t.all)-1, int(float64(len(t.all))*share))
	return float64(t.all[at].Microseconds()) / 1000
}
