// Package printer runs a real CUPS with a printer that makes PDFs (cups-pdf): a cupsd of its own, on a socket in a
// folder of its own. No print service of this computer is touched.
//
// It needs Linux, root (cups-pdf becomes the user who prints, and finds its settings in /etc/cups, over which its own
// are mounted for this cupsd alone) and the Debian packages below.
package printer

// Packages are the Debian packages with the real parts.
const Packages = "cups-daemon cups-client printer-driver-cups-pdf poppler-utils"

// settings, files and pdf are the settings of cupsd and of cups-pdf; FOLDER in them is the folder of the printer.
const settings = `LogLevel debug2
AccessLogLevel all
MaxLogSize 0
Listen FOLDER/s
Browsing No
DefaultAuthType None
WebInterface No
PreserveJobFiles No
<Location />
  Order allow,deny
  Allow all
</Location>
<Location /admin>
  Order allow,deny
  Allow all
</Location>
<Policy default>
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
<Policy closed>
  <Limit Print-Job Create-Job>
    AuthType Basic
    Require user nobody
    Order deny,allow
  </Limit>
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
`

const files = `User lp
Group lp
SystemGroup root
FileDevice Yes
ServerRoot FOLDER/etc
RequestRoot FOLDER/spool
TempDir FOLDER/spool/tmp
CacheDir FOLDER/cache
StateDir FOLDER/state
AccessLog FOLDER/log/access_log
ErrorLog FOLDER/log/error_log
PageLog FOLDER/log/page_log
`

const pdf = `Out FOLDER/pdf
AnonDirName FOLDER/pdf
Spool FOLDER/pdfspool
Log FOLDER/log
LogType 7
GSTmp FOLDER/pdfspool
Label 2
`
