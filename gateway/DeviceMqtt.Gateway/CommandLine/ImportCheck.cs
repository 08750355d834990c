using System.Text.Encodings.Web;
using System.Text.Json;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Migration;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>Imported settings as a gateway takes them: what it refuses is taken out, and noted with its line. Done before anything is written.</summary>
internal static class ImportCheck
{
    private const int RoundsMax = 1_000; // chosen: each takes one setting out

    /// <summary>The text of the settings file.</summary>
    /// <param name="import">Loses what cannot be, and gets its notes.</param>
    /// <param name="dataFolder">Where certificates are looked for.</param>
    /// <exception cref="SettingException">There is something wrong that no line of it says.</exception>
    public static byte[] Sound(MosquittoImport import, string dataFolder)
    {
        string folder = Directory.CreateTempSubdirectory("devicemqtt-import-").FullName; // for this account alone: there may be a password in it
        try
        {
            string file = Path.Combine(folder, SettingsFile.Name);
            for (int round = 0; ; round++)
            {
                import.CloseUpward();
                byte[] json = Json(import);
                File.WriteAllBytes(file, json);
                if (Wrong(file, import, dataFolder) is not { } wrong)
                    return json;
                string key = wrong.Message.Split(' ')[0].TrimEnd(':', ',', ';');
                if (round == RoundsMax || !import.TryDrop(key, wrong.Message))
                    throw wrong;
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static SettingException? Wrong(string file, MosquittoImport import, string dataFolder)
    {
        try
        {
            GatewayOptions options = SettingsReader.Read(file, [], new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase));
            if (options.KeepsData)
                options.Data = dataFolder;
            _ = GatewayHost.Promises(options);
            // The certificate may come to its place later: without it the gateway does not start, so nothing is open.
            if (GatewayHost.WrongTls(options) is { } noTls)
                import.Note($"the gateway does not start like this yet: {noTls}", import.PlaceOf("Tls:CertificateFile") is { Line: > 0 } at ? at : import.PlaceOf("Listen"));
            return null;
        }
        catch (SettingException exception)
        {
            return exception;
        }
    }

    private static byte[] Json(MosquittoImport import)
    {
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            import.Settings.WriteTo(writer);
        json.WriteByte((byte)'\n');
        return json.ToArray();
    }
}
