import type { SkeletonRequest } from '@fatbuildr/builds';

/** A spec for make, with or without configure, whose package holds what is installed. */
export function skeleton({ artifact, homepage }: SkeletonRequest) {
  return {
    [`rpm/${artifact}.spec`]: `Name:           ${artifact}
Version:        {{ version.main | rpm_version }}
Release:        {{ release }}
Summary:        ${artifact}, in one line
License:        Unknown
${homepage === undefined ? '' : `URL:            ${homepage}\n`}{{ sources }}
{{ patches }}

BuildRequires:  gcc
BuildRequires:  make

# Remove it once the package holds compiled programs.
%global debug_package %{nil}

%description
What ${artifact} does, for whoever thinks of installing it.

%prep
{{ prep }}

%build
if [ -x configure ]; then
%configure
fi
%make_build

%install
%make_install
# What was installed; manual pages are compressed afterwards.
find %{buildroot} ! -type d -printf '/%%P\\n' | sed '/\\/man\\//s/$/*/' > installed

%files -f installed

%changelog
{{ changelog }}
`,
  };
}
