#:property PublishAot=false
#:property NoWarn=$(NoWarn);CA1416
// Builds a Debian package of the gateway: dotnet run gateway/packaging/build.cs -- --arch arm64
//
// Needs the .NET 10 SDK, git and dpkg-deb, so no Windows. The same sources give the same bytes: times are those of the last commit.

using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;

const string Usage = """
    dotnet run gateway/packaging/build.cs -- [options]
      --arch ARCH      arm64 (default), amd64, or armhf, which has no runtime in it and needs .NET on that machine
      --output DIR     where the package goes; default artifacts/packages
      --from DIR       takes the program from there, as 'dotnet build' has left it, and compiles nothing: a package in seconds, to try the
                       packaging itself. It has no runtime in it either, whatever --arch says
    """;
const int WrongUsage = 2;
UnixFileMode plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
UnixFileMode program = plain | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

string arch = "arm64";
string output = "";
string from = "";
for (int i = 0; i < args.Length; i++)
{
    bool hasValue = i + 1 < args.Length;
    switch (args[i])
    {
        case "--arch" when hasValue && args[i + 1] is "arm64" or "amd64" or "armhf": arch = args[++i]; break;
        case "--output" when hasValue: output = args[++i]; break;
        case "--from" when hasValue: from = args[++i]; break;
        default:
            Console.Error.WriteLine(args[i] is "--help" or "-h" ? Usage : $"'{args[i]}' is no option, or has no value it can have.\n{Usage}");
            return WrongUsage;
    }
}

string here = AppContext.GetData("EntryPointFileDirectoryPath") as string ?? Path.Combine(Directory.GetCurrentDirectory(), "gateway", "packaging");
string root = Path.GetFullPath(Path.Combine(here, "..", ".."));
string project = Path.Combine(root, "gateway", "DeviceMqtt.Gateway");
string version = XDocument.Load(Path.Combine(root, "Directory.Build.props")).Descendants("Version").Single().Value;
output = output.Length > 0 ? Path.GetFullPath(output) : Path.Combine(root, "artifacts", "packages");
// What is compiled lies in a folder of its own: what an earlier build has left may be of other settings, and the package would depend on it. It is always the same
// folder of the source tree, for its path goes into what is compiled.
string built = Path.Combine(root, "artifacts", "package-build", arch);
string work = Directory.CreateTempSubdirectory("devicemqtt-package-").FullName;
try
{
    return Build();
}
finally
{
    Directory.Delete(work, recursive: true);
    Forget(built);
}

int Build()
{
    string tree = Path.Combine(work, "tree");
    string lib = Path.Combine(tree, "usr", "lib", "devicemqtt");
    bool isPortable = arch == "armhf" || from.Length > 0;
    string tool = lib;
    if (from.Length > 0)
        CopyProgram(Path.GetFullPath(from), lib);
    else
        tool = Publish(lib, isPortable);
    if (isPortable)
        RequireNoProcessor(lib);

    // What describes the commands and the settings is made by the program itself, as this machine runs it.
    string Ask(params string[] words) => Read("dotnet", [Path.Combine(tool, "DeviceMqtt.Gateway.dll"), .. words]);

    string runs = isPortable ? "dotnet /usr/lib/devicemqtt/DeviceMqtt.Gateway.dll" : "/usr/lib/devicemqtt/DeviceMqtt.Gateway";
    Write("usr/bin/devicemqtt", Template("devicemqtt.sh").Replace("@RUN@", runs, StringComparison.Ordinal), program);
    Write("usr/lib/systemd/system/devicemqtt.service", Template("devicemqtt.service").Replace("/usr/lib/devicemqtt/DeviceMqtt.Gateway", isPortable ? "/usr/bin/" + runs : runs, StringComparison.Ordinal), plain);
    Write("usr/share/doc/devicemqtt/examples/devicemqtt.avahi", Template("devicemqtt.avahi"), plain);
    Write("usr/share/devicemqtt/gateway.json", Ask("config", "template", "--with", "Data=/var/lib/devicemqtt"), plain);
    Write("usr/share/bash-completion/completions/devicemqtt", Ask("completion", "bash"), plain);
    Write("usr/share/zsh/vendor-completions/_devicemqtt", Ask("completion", "zsh"), plain);
    WriteZipped("usr/share/man/man1/devicemqtt.1.gz", Ask("completion", "man"));
    WriteZipped("usr/share/doc/devicemqtt/CHANGELOG.md.gz", File.ReadAllText(Path.Combine(root, "CHANGELOG.md")));
    Write("usr/share/doc/devicemqtt/copyright", File.ReadAllText(Path.Combine(root, "LICENSE")), plain);
    foreach (string script in (string[])["preinst", "postinst", "prerm", "postrm"])
        Write("DEBIAN/" + script, Template(script).Replace("@VERSION@", version, StringComparison.Ordinal), program);
    long kilobytes = Directory.EnumerateFiles(tree, "*", SearchOption.AllDirectories).Sum(static file => new FileInfo(file).Length) / 1024;
    Write("DEBIAN/control", Control(isPortable, kilobytes), plain);

    string epoch = Read("git", ["-C", root, "log", "-1", "--format=%ct"]).Trim();
    DateTime time = DateTimeOffset.FromUnixTimeSeconds(long.Parse(epoch, CultureInfo.InvariantCulture)).UtcDateTime;
    foreach (string entry in Directory.EnumerateFileSystemEntries(tree, "*", SearchOption.AllDirectories).OrderByDescending(static path => path.Length))
        SetUp(entry, lib, time);
    Directory.CreateDirectory(output);
    string package = Path.Combine(output, $"devicemqtt_{version}_{arch}.deb");
    Run("dpkg-deb", ["--root-owner-group", .. from.Length > 0 ? (string[])["-Zgzip", "-z1"] : ["-Zxz"], "--build", tree, package], ("SOURCE_DATE_EPOCH", epoch));
    Console.WriteLine($"{package}: {new FileInfo(package).Length / 1e6:F1} MB");
    return 0;

    void Write(string path, string text, UnixFileMode mode)
    {
        string file = Path.Combine(tree, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        File.SetUnixFileMode(file, mode);
    }

    void WriteZipped(string path, string text)
    {
        string file = Path.Combine(tree, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using GZipStream zip = new(File.Create(file), CompressionLevel.SmallestSize);
        zip.Write(Encoding.UTF8.GetBytes(text));
    }
}

void Forget(string folder)
{
    if (Directory.Exists(folder))
        Directory.Delete(folder, recursive: true);
}

// Returns where a build lies that this machine can run.
string Publish(string lib, bool isPortable)
{
    Forget(built);
    // Not trimmed: the settings are explained from their types, by reflection, and 33 MB are within what a card has.
    List<string> publish =
    [
        "publish", project, "--configuration", "Release", "--verbosity", "quiet", "--nologo", "-p:ContinuousIntegrationBuild=true", "-p:DebugType=none", "-p:PublishDocumentationFiles=true",
        "--artifacts-path", built,
    ];
    List<string> publishTool = [.. publish, "--no-self-contained", "--output"];
    publish.AddRange(["--output", lib]);
    publish.AddRange(isPortable
        ? ["--no-self-contained", "-p:UseAppHost=false"]
        : ["--runtime", arch == "arm64" ? "linux-arm64" : "linux-x64", "--self-contained", "-p:PublishReadyToRun=true"]);
    Run("dotnet", publish);
    if (isPortable)
        return lib;
    string tool = Path.Combine(work, "tool");
    Run("dotnet", [.. publishTool, tool]);
    return tool;
}

void CopyProgram(string folder, string lib)
{
    if (!File.Exists(Path.Combine(folder, "DeviceMqtt.Gateway.dll")))
        throw new InvalidOperationException($"--from: there is no DeviceMqtt.Gateway.dll in '{folder}'");
    foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(static file => Path.GetExtension(file) is not ".pdb" && Path.GetFileName(file) is not "DeviceMqtt.Gateway"))
    {
        string to = Path.Combine(lib, Path.GetRelativePath(folder, file));
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        File.Copy(file, to);
    }
}

// A package without a runtime runs on whatever processor its machine has: code of one processor, as an image that was compiled ahead or as a native library, is none of its.
void RequireNoProcessor(string lib)
{
    Span<byte> magic = stackalloc byte[4];
    foreach (string file in Directory.EnumerateFiles(lib, "*", SearchOption.AllDirectories))
    {
        using FileStream stream = File.OpenRead(file);
        if (stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length)
            continue;
        if (magic.SequenceEqual("\u007fELF"u8))
            throw new InvalidOperationException($"{file} is for one processor");
        if (!magic.StartsWith("MZ"u8))
            continue;
        stream.Position = 0;
        using PEReader image = new(stream);
        CorHeader? managed = image.PEHeaders.CorHeader;
        if (managed is null || !managed.Flags.HasFlag(CorFlags.ILOnly) || managed.Flags.HasFlag(CorFlags.Requires32Bit) || managed.ManagedNativeHeaderDirectory.Size > 0 || image.PEHeaders.CoffHeader.Machine != Machine.I386)
            throw new InvalidOperationException($"{file} is for one processor");
    }
}

string Template(string name) => File.ReadAllText(Path.Combine(here, name));

string Control(bool isPortable, long kilobytes) => $"""
    Package: devicemqtt
    Version: {version}
    Architecture: {arch}
    Maintainer: DeviceMqtt
    Section: net
    Priority: optional
    Installed-Size: {kilobytes}
    Depends: {(isPortable ? "ca-certificates" : "libc6 (>= 2.27), libgcc-s1, libstdc++6, libssl3 | libssl3t64 | libssl1.1, ca-certificates")}, passwd, init-system-helpers
    Suggests: avahi-daemon
    Description: MQTT gateway for devices: local broker, buffer and relay
     A broker for the boards of a house or a workshop. It keeps what they send
     while the upstream broker is away, relays it, and brings commands back to
     single devices.

    """;

// Modes and times as they are in the package, whatever the umask was.
void SetUp(string entry, string lib, DateTime time)
{
    if (Directory.Exists(entry))
        File.SetUnixFileMode(entry, program);
    else if (entry.StartsWith(lib, StringComparison.Ordinal))
        File.SetUnixFileMode(entry, Path.GetFileName(entry) is "DeviceMqtt.Gateway" or "createdump" ? program : plain);
    if (Directory.Exists(entry))
        Directory.SetLastWriteTimeUtc(entry, time);
    else
        File.SetLastWriteTimeUtc(entry, time);
}

void Run(string name, IReadOnlyList<string> arguments, params (string Name, string Value)[] variables)
{
    ProcessStartInfo info = new(name, arguments) { UseShellExecute = false };
    foreach ((string variable, string value) in variables)
        info.Environment[variable] = value;
    using Process process = Process.Start(info)!;
    process.WaitForExit();
    if (process.ExitCode != 0)
        throw new InvalidOperationException($"{name} {string.Join(' ', arguments)} ended with {process.ExitCode}");
}

string Read(string name, IReadOnlyList<string> arguments)
{
    using Process process = Process.Start(new ProcessStartInfo(name, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
    string text = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0 ? text : throw new InvalidOperationException($"{name} {string.Join(' ', arguments)} ended with {process.ExitCode}");
}
