package pcscd_test
import ("testing";"os";"os/exec";"fmt";"wardlight/cardreader/virtual/virtualtest";"wardlight/internal/lab/pcscd/pcscdtest")
func TestZZ(t *testing.T){
 dir,rm,_:=pcscdtest.Dir(); defer rm()
 d:=pcscdtest.Start(t,dir)
 d.Plug(t.Context(),0,virtualtest.Card(t,virtualtest.P256(t),nil))
 c:=exec.Command("sh","-c",os.Getenv("TRY")); c.Env=append(os.Environ(),"PCSCLITE_CSOCK_NAME="+d.Socket())
 o,e:=c.CombinedOutput(); fmt.Println(string(o),e)
 fmt.Println("LOG:",d.Log())
}
