using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Certificates;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>
/// <c>cert init|show|renew|rotate|client</c>: the gateway's own authority and certificates. No key is ever printed. Exit codes: 0 done, 1 it could not be
/// done, 2 wrong words.
/// </summary>
internal static class CertCommand
{
    private const string EcdsaKey = "ecdsa";
    private const string RsaKey = "rsa";
    private const string DefaultAddress = "mqtts://*:8883"; // IANA: secure-mqtt

    public static Command Create()
    {
        Command cert = new("cert", "Certificates for TLS: an authority of your own, and what it signs.");
        cert.Subcommands.Add(Init());
        cert.Subcommands.Add(Renew());
        cert.Subcommands.Add(Rotate());
        cert.Subcommands.Add(Client());
        cert.Subcommands.Add(Show());
        return cert;
    }

    private static Command Init()
    {
        Option<string?> data = DeviceWords.DataOption();
        Option<string?> config = new("--config") { Description = "The settings file in which TLS is turned on. Default: that of the service, else gateway.json in the data folder." };
        Option<string> listen = new("--listen") { Description = "Where TLS is listened for.", DefaultValueFactory = static _ => DefaultAddress };
        Option<string[]> names = NameOption();
        Option<string> key = new Option<string>("--key") { Description = "Kind of all keys: ecdsa (P-256), or rsa (2048 bits) for devices that know nothing else, as Tasmota on an ESP8266.", DefaultValueFactory = static _ => EcdsaKey }.AcceptOnlyFromAmong(EcdsaKey, RsaKey);
        Command command = new("init", "Makes an authority and a certificate for the gateway, and turns TLS on in the settings.") { data, config, listen, names, key };
        command.SetAction(parsed => Guard(() =>
        {
            string folder = DeviceWords.DataFolder(parsed.GetValue(data));
            CertificateFolder certificates = new(folder);
            if (certificates.Exists)
                throw new IOException($"there is an authority already: '{certificates.PathOf(CertificateFolder.CaName)}'. 'cert renew' makes a new certificate for the gateway, 'cert rotate' a new authority");
            string address = parsed.GetValue(listen)!;
            if (!ListenAddress.Parse("--listen", address, "mqtt", "mqtts").IsTls)
                throw new SettingException($"--listen is '{address}'; it must begin with mqtts://");
            string file = parsed.GetValue(config) ?? SettingsFile.FindIn(folder) ?? Path.Combine(folder, SettingsFile.Name);
            GatewayOptions options = SettingsReader.Read(File.Exists(file) ? file : null, [], new Dictionary<string, string?>(StringComparer.Ordinal));
            if (options.Tls.CertificateFile.Length > 0)
                throw new SettingException($"the settings name a certificate already, Tls:CertificateFile '{options.Tls.CertificateFile}': that one would be used");
            (IReadOnlyList<string> all, IReadOnlyList<IPAddress> addresses) = NamesWith(parsed.GetValue(names) ?? []);
            certificates.Create(all, addresses, TimeProvider.System.GetUtcNow(), parsed.GetValue(key) == RsaKey);
            bool isOn = ListenSettings.Parse(options).Mqtt.Any(static on => on.IsTls);
            if (!isOn)
                SettingsFile.AddListen(file, options.Listen.Count > 0 ? options.Listen : [ListenSettings.DefaultMqtt], address);
            Console.WriteLine($"""
                authority: {Describe(certificates.ReadAuthorities()[0])}
                  its certificate, for clients: {certificates.PathOf(CertificateFolder.CaName)}
                  its key, to be kept: {certificates.PathOf(CertificateFolder.CaKeyName)}
                gateway: {Describe(certificates.ReadServer())}
                {(isOn ? "TLS was on" : $"TLS is on: {address}")} in {file}
                next: start the gateway anew; 'device add' gives new boards TLS from now on
                """);
        }));
        return command;
    }

    private static Command Renew()
    {
        Option<string?> data = DeviceWords.DataOption();
        Option<string[]> more = NameOption();
        Command command = new("renew", "A new certificate for the gateway, with this machine's names and addresses as they are now. Nobody is disconnected.") { data, more };
        command.SetAction(parsed => Guard(() =>
        {
            CertificateFolder folder = Existing(parsed.GetValue(data));
            if (CertificateTimes.WhyNoAuthority(folder.ReadAuthorities()[0], TimeProvider.System.GetUtcNow()) is { } wrong)
                throw new IOException(wrong);
            // What somebody has added before stays.
            (IReadOnlyList<string> before, _) = CertificateFolder.NamesOf(folder.ReadServer());
            (IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses) = NamesWith([.. before, .. parsed.GetValue(more) ?? []]);
            folder.Renew(names, addresses, TimeProvider.System.GetUtcNow());
            Console.WriteLine($"the gateway has a new certificate: {Describe(folder.ReadServer())}");
        }));
        return command;
    }

    private static Command Rotate()
    {
        Option<string?> data = DeviceWords.DataOption();
        Option<bool> finish = new("--finish") { Description = "The authority before is trusted no more: all boards have the new one." };
        Command command = new("rotate", "A new authority. Who trusts the one before goes on connecting, until --finish.") { data, finish };
        command.SetAction(parsed => Guard(() =>
        {
            CertificateFolder folder = Existing(parsed.GetValue(data));
            (IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses) = CertificateFolder.NamesOf(folder.ReadServer());
            if (parsed.GetValue(finish))
            {
                Console.WriteLine(folder.Forget(names, addresses, TimeProvider.System.GetUtcNow()) ? "only the new authority is trusted from now on" : throw new IOException("there is only one authority"));
                return;
            }

            if (folder.ReadAuthorities().Count > 1)
                throw new IOException("there are two authorities already: 'cert rotate --finish' first");
            folder.Rotate(names, addresses, TimeProvider.System.GetUtcNow());
            Console.WriteLine($"""
                new authority: {Describe(folder.ReadAuthorities()[0])}
                clients with the one before go on connecting: the gateway shows a chain that both take
                next: give each board the new one ('device add NAME --replace ...', flash its files), then 'cert rotate --finish'
                """);
        }));
        return command;
    }

    private static Command Client()
    {
        Argument<string> user = new("USER") { Description = "Whose certificate it is: a user of the gateway." };
        Option<string?> dataOption = DeviceWords.DataOption();
        Option<string> to = new("--out") { Description = "Folder for USER.pem and USER.key.", Required = true };
        Command command = new("client", "A certificate for a client, by which it connects without a password (Tls:ClientCertificates).") { user, dataOption, to };
        command.SetAction(parsed => Guard(() =>
        {
            string name = parsed.GetValue(user)!;
            if (name.Length is 0 or > 64 || name.Any(static c => char.IsControl(c) || c is '/' or '\\') || name.StartsWith('.'))
                throw new SettingException("USER is 1 to 64 characters, without / and \\ and control characters"); // 64: ub-common-name, RFC 5280 appendix A.1
            CertificateFolder folder = Existing(parsed.GetValue(dataOption));
            string data = DeviceWords.DataFolder(parsed.GetValue(dataOption));
            bool isUser = new UserFile(data).Read().ContainsKey(name) || DeviceWords.SettingsOf(data, SettingsFile.FindIn(data)).Security.HasUser(name);
            (string certificate, string key, DateTime until) = folder.CreateClient(name, TimeProvider.System.GetUtcNow());
            string path = Path.GetFullPath(parsed.GetValue(to)!);
            PrivateFile.CreateFolder(path);
            Write(Path.Combine(path, name + ".key"), key);
            Write(Path.Combine(path, name + ".pem"), certificate);
            using X509Certificate2 made = X509Certificate2.CreateFromPem(certificate);
            Console.WriteLine($"{Path.Combine(path, name + ".pem")} and its key, serial {made.SerialNumber}, until {until:u}");
            // It may be made before its user, or be for one that Tls:CertificateUsers names.
            if (!isUser)
                Console.Error.WriteLine($"there is no user '{SafeText.OfName(name)}' yet: until there is one ('user add'), or Tls:CertificateUsers gives the certificate to another, nobody gets in with it");
        }));
        return command;
    }

    private static Command Show()
    {
        Option<string?> data = DeviceWords.DataOption();
        Command command = new("show", "What is there, until when, and for which names.") { data };
        command.SetAction(parsed => Guard(() =>
        {
            CertificateFolder folder = Existing(parsed.GetValue(data));
            X509Certificate2Collection authorities = folder.ReadAuthorities();
            for (int i = 0; i < authorities.Count; i++)
                Console.WriteLine($"{(i == 0 ? "authority" : "authority before, trusted until 'cert rotate --finish'")}: {Describe(authorities[i])}");
            X509Certificate2 server = folder.ReadServer();
            Console.WriteLine($"gateway: {Describe(server)}");
            (IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses) = CertificateFolder.NamesOf(server);
            Console.WriteLine($"  for {string.Join(", ", [.. names, .. addresses.Select(static address => address.ToString())])}");
            string[] missing = [.. MachineNames.Names().Except(names, StringComparer.OrdinalIgnoreCase), .. MachineNames.Addresses().Except(addresses).Select(static address => address.ToString())];
            if (missing.Length > 0)
                Console.WriteLine($"  not for {string.Join(", ", missing)}, by which this machine is found, too: 'cert renew' adds them");
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            if (CertificateTimes.WhyNoAuthority(authorities[0], now) is { } wrong)
                throw new IOException(wrong);
            if (CertificateTimes.WhyNot(server, now) is { } why)
                throw new IOException($"the gateway's certificate {why}: 'cert renew' makes another");
            Console.WriteLine(folder.HasKey ? "the gateway renews its certificate by itself when a third of its time is left" : "the key of the authority is not here: nothing is renewed");
        }));
        return command;
    }

    private static Option<string[]> NameOption() => new("--name") { Description = "A name or address more by which clients find the gateway; may repeat." };

    private static (IReadOnlyList<string> Names, IReadOnlyList<IPAddress> Addresses) NamesWith(IEnumerable<string> more)
    {
        List<string> names = [.. MachineNames.Names()];
        List<IPAddress> addresses = [.. MachineNames.Addresses()];
        foreach (string text in more)
        {
            if (IPAddress.TryParse(text, out IPAddress? address))
                addresses.Add(address);
            else if (MachineNames.IsName(text))
                names.Add(text.ToLowerInvariant());
            else
                throw new SettingException($"--name '{text}' is no name of a machine, and no address");
        }

        return ([.. names.Distinct(StringComparer.Ordinal)], [.. addresses.Distinct()]);
    }

    private static CertificateFolder Existing(string? data)
    {
        CertificateFolder folder = new(DeviceWords.DataFolder(data));
        return folder.Exists ? folder : throw new IOException($"there is no authority, '{folder.PathOf(CertificateFolder.CaName)}': 'cert init' makes one");
    }

    private static string Describe(X509Certificate2 certificate) =>
        $"{certificate.Subject}, until {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}, SHA-256 {Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256))}";

    private static void Write(string path, string text)
    {
        using FileStream file = PrivateFile.Create(path);
        file.Write(System.Text.Encoding.ASCII.GetBytes(text));
    }

    private static int Guard(Action command) => CommandGuard.Run(() =>
    {
        command();
        return 0;
    });
}
