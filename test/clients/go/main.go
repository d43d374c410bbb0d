// Command clients drives one etcd endpoint with clientv3 and its packages, case by case.
//
//	clients http://127.0.0.1:2379 PREFIX [all|auth|tls FOLDER]
//
// auth wants a fresh server, tls one with the certificates in the folder; see suite.ts.
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
	// nil where there is a folder: a case then makes a client by the certificates it is about.
	*clientv3.Client
	endpoint string
	prefix   string
	// folder holds ca.pem, and certificates and keys by name.
	folder string
}

// A testCase is one line of the report.
type testCase struct {
	name string
	run  func(ctx context.Context, e *env) error
	// slow cases wait for real time: they run side by side, once the others, which count revisions, are over.
	slow bool
}

// groups are the cases by what kind of server they need.
var groups = map[string][]testCase{
	"all": slices.Concat(leaseCases, kvCases, errorCases, watchCases, concurrencyCases, packageCases, adminCases,
		clusterCases, serviceCases),
	"auth": authCases,
	"tls":  tlsCases,
}

func main() {
	group := "all"
	if len(os.Args) > 3 {
		group = os.Args[3]
	}
	if len(os.Args) < 3 || groups[group] == nil {
		fmt.Fprintln(os.Stderr, "usage: clients URL PREFIX [all|auth|tls FOLDER]")
		os.Exit(2)
	}
	shared := env{endpoint: os.Args[1]}
	if len(os.Args) > 4 {
		shared.folder = os.Args[4]
	}
	var slow []func()
	var printing sync.Mutex
	for number, tc := range groups[group] {
		e := shared
		e.prefix = fmt.Sprintf("%sgo/%s/%d/", os.Args[2], group, number)
		report := func() {
			err := runCase(e, tc)
			printing.Lock()
			defer printing.Unlock()
			printOutcome(tc.name, err)
		}
		if tc.slow {
			slow = append(slow, report)
		} else {
			report()
		}
	}
	var together sync.WaitGroup
	for _, report := range slow {
		together.Go(report)
	}
	together.Wait()
}

// runCase runs one case with a client of its own, and turns a panic into its failure.
func runCase(e env, tc testCase) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), caseTimeout)
	defer cancel()
	if e.folder == "" {
		if e.Client, err = newClient(e.endpoint); err != nil {
			return err
		}
		defer e.Client.Close()
	}
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return tc.run(ctx, &e)
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
