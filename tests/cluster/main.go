// Command cri calls one method of CRI as a kubelet does: `cri SOCKET METHOD`, with the request as JSON on standard input
// and the answer as JSON on standard output. METHOD is as api.proto names it: `RuntimeService/CreateContainer`.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	_ "k8s.io/cri-api/pkg/apis/runtime/v1"
)

const deadline = time.Minute

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: cri SOCKET SERVICE/METHOD")
		os.Exit(2)
	}
	answer, err := call(os.Args[1], os.Args[2], os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "cri:", err)
		os.Exit(1)
	}
	fmt.Println(string(answer))
}

func call(socket, method string, input io.Reader) ([]byte, error) {
	_, name, _ := strings.Cut(method, "/")
	request, err := message(name + "Request")
	if err != nil {
		return nil, err
	}
	response, err := message(name + "Response")
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(input)
	if err != nil {
		return nil, err
	}
	if err := protojson.Unmarshal(text, request); err != nil {
		return nil, err
	}
	connection, err := grpc.NewClient("unix:"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	if err := connection.Invoke(ctx, "/runtime.v1."+method, request, response); err != nil {
		return nil, err
	}
	return protojson.Marshal(response)
}

func message(name string) (proto.Message, error) {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName("runtime.v1." + name))
	if err != nil {
		return nil, err
	}
	return kind.New().Interface(), nil
}
