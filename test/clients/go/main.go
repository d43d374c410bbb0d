// Command clients drives one etcd endpoint with clientv3 and its packages, case by case.
//
//	clients http://127.0.0.1:2379 PREFIX
//
// It prints one JSON object a line for each case: {"case":"kv: put and get","ok":true}, or with "ok":false and
// a "detail". The exit code is 0 when every case ran, whatever came of it: the lines are the outcome.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
)

const (
	caseTimeout = 25 * time.Second
	dialTimeout = 5 * time.Second
)

// env is what a case works with: a client and a prefix that no other case uses.
type env struct {
	*clientv3.Client
	endpoint string
	prefix   string
}

// A testCase is one line of the report.
type testCase struct {
	name string
	run  func(ctx context.Context, e *env) error
	// slow cases wait for real time and run beside the others.
	slow bool
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: clients http://HOST:PORT PREFIX")
		os.Exit(2)
	}
	endpoint, runPrefix := os.Args[1], os.Args[2]
	var background sync.WaitGroup
	var printing sync.Mutex
	number := 0
	for _, tc := range slices.Concat(leaseCases, kvCases, errorCases, watchCases, concurrencyCases, packageCases, adminCases) {
		number++
		prefix := fmt.Sprintf("%sgo/%d/", runPrefix, number)
		report := func() {
			err := runCase(endpoint, prefix, tc)
			printing.Lock()
			defer printing.Unlock()
			printOutcome(tc.name, err)
		}
		if tc.slow {
			background.Go(report)
		} else {
			report()
		}
	}
	background.Wait()
}

// runCase runs one case with a client of its own, and turns a panic into its failure.
func runCase(endpoint, prefix string, tc testCase) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), caseTimeout)
	defer cancel()
	client, err := newClient(endpoint)
	if err != nil {
		return err
	}
	defer client.Close()
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return tc.run(ctx, &env{Client: client, endpoint: endpoint, prefix: prefix})
}

func newClient(endpoint string) (*clientv3.Client, error) {
	return clientv3.New(clientv3.Config{
		Endpoints:   []string{endpoint},
		DialTimeout: dialTimeout,
		Logger:      zap.NewNop(),
	})
}

func printOutcome(name string, err error) {
	outcome := map[string]any{"case": name, "ok": err == nil}
	if err != nil {
		outcome["detail"] = err.Error()
	}
	line, _ := json.Marshal(outcome)
	fmt.Println(string(line))
}
