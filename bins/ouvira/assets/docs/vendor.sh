#!/bin/sh
# Fetches the documentation pages' programs again, exactly these versions, and packs them as they are kept here.
# Needs npm. After a change of versions: look at the three pages with the browser's network log open, and mend NOTICE.
set -eu

cd "$(dirname "$0")"
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# package, version, file in it, name here
take() {
    cd "$work"
    archive=$(npm pack --silent "$1@$2")
    mkdir -p "$1"
    tar -xzf "$archive" -C "$1" --strip-components=1
    # Without what the browser would ask others for: source maps, and the logo in Redoc's footer.
    sed -e '/^\/\/# sourceMappingURL=/d' -e 's|^/\*# sourceMappingURL=.*\*/$||' \
        -e 's|https://cdn\.redoc\.ly/redoc/logo-mini\.svg|data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=|' "$1/$3" |
        gzip -9 -n >"$here/$4.gz"
    cd "$here"
}

take swagger-ui-dist 5.35.0 swagger-ui-bundle.js swagger-ui-bundle.js
take swagger-ui-dist 5.35.0 swagger-ui.css swagger-ui.css
take redoc 2.5.4 bundles/redoc.standalone.js redoc.standalone.js
take @scalar/api-reference 1.72.1 dist/browser/standalone.js scalar.standalone.js
