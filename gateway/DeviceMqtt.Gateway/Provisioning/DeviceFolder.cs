using System.Security.Cryptography;
using System.Text.Json;
using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Provisioning;

/// <summary>
/// The files that go onto a board with nanoff, in a folder of their own outside any source tree: <c>settings.json</c> (firmware/docs/settings.md),
/// with TLS <c>ca.pem</c>, and <c>files.json</c>, which says where on the board they belong. There are passwords in them.
/// </summary>
internal sealed class DeviceFolder(string path)
{
    public const string Settings = "settings.json";
    public const string CaCertificate = "ca.pem";
    public const string Files = "files.json";

    /// <summary>The drive of a board.</summary>
    private const string Drive = @"I:\";

    private const string DevicesFolder = "devices";

    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>A folder below that of all devices can have this name: it does not lead out of there.</summary>
    public static bool IsName(string device) =>
        device is not ("" or "." or "..") && device.AsSpan().IndexOfAny(System.IO.Path.DirectorySeparatorChar, System.IO.Path.AltDirectorySeparatorChar, '\0') < 0;

    /// <summary>Where the files of a device are, unless somebody wants them elsewhere.</summary>
    /// <exception cref="IOException">The name leads out of the folder of the devices.</exception>
    public static DeviceFolder Of(string dataFolder, string device) => IsName(device)
        ? new(System.IO.Path.Combine(dataFolder, DevicesFolder, device)) : throw new IOException($"'{device}' cannot be the name of a device");

    /// <summary>192 bits in letters and digits that no settings file needs to escape.</summary>
    public static string NewPassword() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(24)).Replace('+', '-').Replace('/', '_');

    /// <summary>Folder of a source tree that this folder is in, or null: passwords do not belong there.</summary>
    public string? FindSourceTree()
    {
        for (DirectoryInfo? folder = new(Path); folder is not null; folder = folder.Parent)
            if (System.IO.Path.Exists(System.IO.Path.Combine(folder.FullName, ".git")))
                return folder.FullName;
        return null;
    }

    /// <exception cref="IOException">A file cannot be written; so for the other.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder belongs to somebody else.</exception>
    public void Write(DeviceSettings settings, byte[]? caCertificate)
    {
        PrivateFile.CreateFolder(Path);
        WriteJson(Settings, settings.Write);
        if (caCertificate is not null)
        {
            using FileStream file = PrivateFile.Create(PathOf(CaCertificate));
            file.Write(caCertificate);
        }

        WriteJson(Files, writer => WriteFileList(writer, caCertificate is not null));
    }

    /// <summary>Puts another password into the settings of the board; everything else stays.</summary>
    /// <exception cref="IOException">There are no files of the board, or they cannot be written; so for the others.</exception>
    /// <exception cref="UnauthorizedAccessException">They belong to somebody else.</exception>
    /// <exception cref="InvalidDataException">They are not ours.</exception>
    public void Rotate(string password)
    {
        try
        {
            using JsonDocument settings = JsonDocument.Parse(File.ReadAllBytes(PathOf(Settings)));
            PrivateFile.ReplaceObject(PathOf(Settings), writer =>
            {
                foreach (JsonProperty member in settings.RootElement.EnumerateObject())
                    if (member.NameEquals("password"))
                        writer.WriteString(member.Name, password);
                    else
                        member.WriteTo(writer);
            });
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{PathOf(Settings)} is not the settings of a board: {exception.Message}", exception);
        }
    }

    /// <summary>Deletes the files, if there are any, and the folder, if nothing else is in it. Throws what <see cref="Write"/> throws.</summary>
    public void Remove()
    {
        if (!Directory.Exists(Path))
            return;
        foreach (string name in (string[])[Settings, CaCertificate, Files])
            File.Delete(PathOf(name));
        if (!Directory.EnumerateFileSystemEntries(Path).Any())
            Directory.Delete(Path);
    }

    private static void WriteEntry(Utf8JsonWriter writer, string name, string source)
    {
        writer.WriteStartObject();
        writer.WriteString("DestinationFilePath", Drive + name);
        writer.WriteString("SourceFilePath", source);
        writer.WriteEndObject();
    }

    private void WriteFileList(Utf8JsonWriter writer, bool hasCertificate)
    {
        writer.WriteStartArray("files");
        WriteEntry(writer, Settings, PathOf(Settings));
        if (hasCertificate)
            WriteEntry(writer, CaCertificate, PathOf(CaCertificate));
        writer.WriteEndArray();
    }

    private void WriteJson(string name, Action<Utf8JsonWriter> write)
    {
        using FileStream file = PrivateFile.Create(PathOf(name));
        using Utf8JsonWriter writer = new(file);
        writer.WriteStartObject();
        write(writer);
        writer.WriteEndObject();
    }

    private string PathOf(string name) => System.IO.Path.Combine(Path, name);
}
