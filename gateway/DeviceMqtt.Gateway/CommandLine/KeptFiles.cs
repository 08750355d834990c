using DeviceMqtt.Gateway.Certificates;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>
/// What of a data folder decides who comes in, and so goes along into a new one: users, settings, certificates. Byte for byte: a file that cannot be
/// understood lets nobody in there either.
/// </summary>
internal static class KeptFiles
{
    /// <exception cref="IOException">One cannot be read or written; so for the other. Nothing else may be kept then: without it anybody could come in.</exception>
    /// <exception cref="UnauthorizedAccessException">It belongs to somebody else.</exception>
    public static void Copy(string from, string to)
    {
        PrivateFile.CreateFolder(to);
        foreach (string name in (string[])[UserFile.Name, RoleFile.Name, KeyFile.Name, SettingsFile.Name])
            CopyIfThere(Path.Combine(from, name), Path.Combine(to, name));
        string certificates = Path.Combine(from, CertificateFolder.Folder);
        if (!Directory.Exists(certificates))
            return;
        PrivateFile.CreateOwnFolder(Path.Combine(to, CertificateFolder.Folder));
        foreach (string path in Directory.GetFiles(certificates))
            CopyIfThere(path, Path.Combine(to, CertificateFolder.Folder, Path.GetFileName(path)));
    }

    private static void CopyIfThere(string from, string to)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(from);
        }
        catch (FileNotFoundException)
        {
            return;
        }

        PrivateFile.CreateKept(to, file => file.Write(bytes));
    }
}
