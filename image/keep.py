"""What the image keeps although no code imports it, and what it leaves out although something imports or requires it.

`prune` finds everything else. A module stays if the entry scripts reach it through import statements, wherever these
are. A shared library stays if a remaining binary needs it. A package stays if one of its modules stays.
"""

from dataworks_deploy.absent import ABSENT

# Modules that no import statement names → what imports them.
UNNAMED = {
    "site": "the interpreter, at its start",
    "_strptime": "datetime, from C",
    "traceback": "the interpreter, to show an exception",
    "encodings.aliases": "the codec registry, by name, like all of these",
    "encodings.ascii": "http.client and urllib3, for what stands in headers",
    "encodings.charmap": "the codec registry",
    "encodings.idna": "socket, for every host name",
    "encodings.latin_1": "http.client, for headers",
    "encodings.punycode": "encodings.idna",
    "encodings.unicode_escape": "re, for names of characters",
    "encodings.utf_16": "json, for bytes",
    "encodings.utf_16_be": "json, for bytes",
    "encodings.utf_16_le": "json, for bytes",
    "encodings.utf_32": "json, for bytes",
    "encodings.utf_32_be": "json, for bytes",
    "encodings.utf_32_le": "json, for bytes",
    "encodings.utf_8": "everything",
    "encodings.utf_8_sig": "site, for .pth files, and json",
}

# Modules that are imported only in functions that are never called → what those functions do.
UNUSED = {
    "_pyrepl": "the interactive interpreter",
    "_testcapi": "tests of the interpreter",
    "_testinternalcapi": "tests of the interpreter",
    "_tkinter": "windows",
    "concurrent.futures.process": "pools of processes",
    "ctypes": "calls of C functions; uuid and platform have other ways",
    "distutils": "builds",
    "doctest": "tests",
    "lib2to3": "tests",
    "multiprocessing": "pools of processes",
    "pdb": "debugging",
    "pydoc": "the interactive help",
    "pydoc_data": "the interactive help",
    "readline": "the interactive interpreter",
    "sitecustomize": "the base's own start-up hook",
    "test": "tests",
    "tkinter": "windows",
    "unittest": "tests",
    "urllib3.contrib.emscripten": "browsers",
    "urllib3.contrib.pyopenssl": "a python without TLS",
    "urllib3.contrib.socks": "SOCKS proxies, which need another package",
    "urllib3.http2.connection": "HTTP/2, which needs another package",
    "webbrowser": "the interactive help",
    "xmlrpc": "another protocol",
}

# Files in site-packages that are not modules, as patterns.
DATA = {
    "certifi/cacert.pem": "the public authorities",
}

# Libraries that nothing is linked with → what loads them by name.
LIBRARIES = {"libgcc_s.so.1": "the C library, when a thread is ended"}

# Files that a package of the base has created but does not own.
GENERATED = {"/etc/ssl/certs/ca-certificates.crt": "ca-certificates"}

# Required packages that the image leaves out → why nothing needs them.
LEFT_OUT = {
    "aiofiles": f"The SDK {ABSENT['aiofiles']}",
    "aiohttp": f"The SDK {ABSENT['aiohttp']}",
    "alibabacloud-tea-util": "The SDK requires it and does not import it any more",
    "apscheduler": "The SDK renews the credentials of an ECS instance with it",
    "charset-normalizer": "requests guesses encodings with it, and reads UTF-8 without it",
    "cryptography": f"The SDK {ABSENT['cryptography']}",
    "pygithub": "The toolkit's GitHub client, a module of its own that is not used",
    "websocket-client": f"The SDK {ABSENT['websocket']}",
}

# The reason for each package.
PACKAGES = {
    "actions-toolkit": "Speaks to the runner: commands, outputs, state, the job's ID token",
    "alibabacloud-credentials": "Exchanges the ID token for a session of a role; the SDK's type of a key",
    "alibabacloud-credentials-api": "Interfaces of alibabacloud-credentials",
    "alibabacloud-dataworks-public20240518": "The DataWorks API: the client, and the models of the calls made",
    "alibabacloud-gateway-spi": "The SDK's core imports it, for gateways of other services",
    "alibabacloud-tea": "HTTP of alibabacloud-credentials",
    "alibabacloud-tea-openapi": "The SDK's core: signs, sends, reads errors",
    "certifi": "The public authorities that TLS trusts",
    "darabonba-core": "HTTP and models of the SDK",
    "dataworks-deploy": "The action",
    "idna": "Host names in requests",
    "requests": "HTTP of the SDK and the toolkit",
    "typing-extensions": "Imported for types",
    "urllib3": "Connections of requests",
}
