#!/bin/sh
# Writes the tar of an image with eight languages to stdout, made of the packages of this Debian (or its kin): image.sh WORK NODE
# Packages are only unpacked, several at a time; none is configured and nothing runs as root. That is three times as fast as debootstrap.
set -eu
work=$1
node=$2

packages='
  bash coreutils dash debianutils diffutils findutils grep gzip hostname libc-bin mawk ncurses-base perl-base procps sed tar util-linux xz-utils
  base-files base-passwd ca-certificates git openssl tzdata unzip zip
  python3 python3-pytest python3-pytest-cov
  default-jdk-headless ant ant-optional junit4 libjacoco-java
  golang-go gotestsum
  php-cli php-mbstring php-xml php-pcov phpunit
  ruby rake ruby-minitest ruby-minitest-reporters ruby-simplecov cucumber
  gcc libc6-dev make check ccache gcovr
  mono-mcs nunit-console libnunit-framework2.6.3-cil
'
# What no build needs: 400 MB.
unwanted='
  ./usr/share/doc ./usr/share/man ./usr/share/info ./usr/share/locale ./usr/share/lintian ./usr/share/fonts ./usr/lib/jvm/*/jmods
  ./usr/lib/jvm/*/demo ./usr/share/go-*/test ./usr/share/go-*/src/cmd ./usr/lib/go-*/pkg/*_race ./usr/lib/go-*/pkg/*/cmd
  ./usr/lib/gcc/*/*/lto1 ./usr/lib/gcc/*/*/lib?san.* ./usr/lib/*/lib?san.so.*
'

mkdir -p "$work/state/lists/partial" "$work/archives/partial" "$work/root"
: >"$work/status"
# A system in which nothing is installed, so that everything that the packages need is named.
apt() {
  apt-get -qq -o Dir::State="$work/state" -o Dir::State::status="$work/status" -o Dir::Cache="$work" \
    -o Debug::NoLocking=1 -o APT::Sandbox::User=root -o Acquire::Retries=3 "$@" >&2
}
apt update
# shellcheck disable=SC2086
apt -y --no-install-recommends --download-only install $packages

cd "$work/root"
mkdir -p usr/bin usr/sbin usr/lib usr/lib64 usr/local/bin usr/local/lib proc sys dev run tmp
chmod 1777 tmp
for name in bin sbin lib lib64; do ln -s "usr/$name" "$name"; done
excludes=$(set -f; for path in $unwanted; do printf ' --exclude=%s' "$path"; done)
export excludes
# shellcheck disable=SC2016
find ../archives -maxdepth 1 -name '*.deb' -print0 | xargs -0 -P 3 -n 8 sh -euc '
  set -f
  for package; do dpkg-deb --fsys-tarfile "$package" | tar -x --no-same-owner --keep-directory-symlink $excludes; done
' sh
rm -rf ../archives

# What the packages would do when they are configured.
cp usr/share/base-passwd/passwd.master etc/passwd
cp usr/share/base-passwd/group.master etc/group
link() { [ -e "$1" ] || ln -s "/$2" "$1"; }
link usr/bin/awk usr/bin/mawk
link usr/bin/which usr/bin/which.debianutils
link usr/bin/cc usr/bin/gcc
link usr/bin/cli usr/bin/mono
for tool in usr/lib/jvm/default-java/bin/*; do link "usr/bin/${tool##*/}" "$tool"; done
link usr/bin/php usr/bin/php[0-9]*
version=$(basename usr/bin/php[0-9]*)
mkdir -p "etc/php/${version#php}/cli/conf.d"
for ini in usr/share/php*-*/*/*.ini etc/php/*/mods-available/*.ini; do
  name=${ini##*/}
  case $name in xml.ini | pdo.ini) order=15 ;; *) order=20 ;; esac
  ln -sf "/$ini" "etc/php/${version#php}/cli/conf.d/$order-$name"
done
for library in usr/lib/cli/nunit*/*.dll; do cp "$library" usr/lib/nunit/; done
find usr/share/ca-certificates -name '*.crt' -exec cat {} + >etc/ssl/certs/ca-certificates.crt

# Node.js is the one that Codeyard itself runs on; npm is this machine's.
cp "$node" usr/local/bin/node
npm=$(readlink -f "$(command -v npm)")
cp -R "${npm%/bin/*}" usr/local/lib/npm
for name in npm npx; do ln -s "../lib/npm/bin/$name-cli.js" "usr/local/bin/$name"; done

exec tar -c --owner=0 --group=0 --numeric-owner .
