// Package printer runs a private CUPS with a printer that writes PDF files (cups-pdf): a cupsd with its own socket and
// folder. It does not affect the print service of this computer.
//
// It needs Linux, root, and the Debian packages below. Root is needed because cups-pdf switches to the user who
// prints, and reads its settings in /etc/cups, over which this cupsd's own are mounted. play and tests import it.
package printer

// Packages lists the required Debian packages.
const Packages = "cups-daemon cups-client printer-driver-cups-pdf poppler-utils"

// settings, files and pdf are the configuration files of cupsd and cups-pdf. FOLDER is replaced by the path of the
// printer's folder.
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
