// Command record writes the API descriptors of a released etcd, as its own Go
// modules register them, to standard output as a binary FileDescriptorSet. The
// release is the one go.mod names. To record again:
//
//	cd test/proto/record && go run . > ../etcd-3.7.1.binpb
package main

import (
	"log"
	"os"
	"path"
	"sort"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	_ "go.etcd.io/etcd/api/v3/authpb"
	_ "go.etcd.io/etcd/api/v3/etcdserverpb"
	_ "go.etcd.io/etcd/api/v3/membershippb"
	_ "go.etcd.io/etcd/api/v3/mvccpb"
	_ "go.etcd.io/etcd/server/v3/etcdserver/api/v3election/v3electionpb"
	_ "go.etcd.io/etcd/server/v3/etcdserver/api/v3lock/v3lockpb"
	_ "google.golang.org/grpc/health/grpc_health_v1"
)

// Not versionpb: it only declares options, and options are stripped.
var packages = map[protoreflect.FullName]bool{
	"authpb":         true,
	"etcdserverpb":   true,
	"grpc.health.v1": true,
	"membershippb":   true,
	"mvccpb":         true,
	"v3electionpb":   true,
	"v3lockpb":       true,
}

func main() {
	files := map[string]protoreflect.FileDescriptor{}
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		if packages[f.Package()] {
			files[path.Base(f.Path())] = f
		}
		return true
	})
	bases := make([]string, 0, len(files))
	for base := range files {
		bases = append(bases, base)
	}
	sort.Strings(bases)

	r := recorder{files: files, done: map[string]bool{}}
	for _, base := range bases {
		r.add(base)
	}
	// Resolves every reference, so a file left out by mistake fails here.
	if _, err := protodesc.NewFiles(&r.set); err != nil {
		log.Fatal(err)
	}
	out, err := proto.MarshalOptions{Deterministic: true}.Marshal(&r.set)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := os.Stdout.Write(out); err != nil {
		log.Fatal(err)
	}
}

// recorder knows files by their base name: etcd registers them under that
// alone but imports them by longer paths.
type recorder struct {
	files map[string]protoreflect.FileDescriptor
	done  map[string]bool
	set   descriptorpb.FileDescriptorSet
}

// add appends a file behind the files it imports, the order readers expect.
func (r *recorder) add(base string) {
	f := r.files[base]
	if r.done[base] {
		return
	}
	r.done[base] = true
	file := protodesc.ToFileDescriptorProto(f)
	file.Options = nil
	file.SourceCodeInfo = nil
	file.Dependency = nil
	for i := 0; i < f.Imports().Len(); i++ {
		// What is not recorded only declares options: google.api, versionpb.
		dep := path.Base(f.Imports().Get(i).Path())
		if r.files[dep] != nil {
			r.add(dep)
			file.Dependency = append(file.Dependency, r.files[dep].Path())
		}
	}
	stripMessages(file.MessageType)
	stripEnums(file.EnumType)
	for _, service := range file.Service {
		service.Options = nil
		for _, method := range service.Method {
			method.Options = nil
		}
	}
	r.set.File = append(r.set.File, file)
}

func stripMessages(messages []*descriptorpb.DescriptorProto) {
	for _, message := range messages {
		// Of all options only map_entry and packed change the wire format.
		if message.GetOptions().GetMapEntry() {
			message.Options = &descriptorpb.MessageOptions{MapEntry: proto.Bool(true)}
		} else {
			message.Options = nil
		}
		for _, field := range message.Field {
			if field.Options != nil && field.Options.Packed != nil {
				field.Options = &descriptorpb.FieldOptions{Packed: field.Options.Packed}
			} else {
				field.Options = nil
			}
		}
		for _, oneof := range message.OneofDecl {
			oneof.Options = nil
		}
		stripMessages(message.NestedType)
		stripEnums(message.EnumType)
	}
}

func stripEnums(enums []*descriptorpb.EnumDescriptorProto) {
	for _, enum := range enums {
		enum.Options = nil
		for _, value := range enum.Value {
			value.Options = nil
		}
	}
}
