using System.Text.Json.Nodes;
using DeviceMqtt.Gateway.CommandLine;
using DeviceMqtt.Gateway.Migration;

namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>A mosquitto.conf in the words of this gateway: what is said is right, and what cannot be said is listed.</summary>
[TestClass]
internal sealed class MosquittoConfTests
{
    [TestMethod]
    [DataRow("listener 1883", """{"Listen":["*:1883"]}""")]
    [DataRow("listener 1884 127.0.0.1\nlistener 8883 ::1\ncertfile c.pem\nkeyfile k.pem", """{"Tls":{"CertificateFile":"c.pem","KeyFile":"k.pem"},"Listen":["127.0.0.1:1884","mqtts://[::1]:8883"]}""")]
    [DataRow("listener 9001\nprotocol websockets", """{"Http":"*:9001"}""")]
    [DataRow("port 1885\nbind_address 10.0.0.1", """{"Listen":["10.0.0.1:1885"]}""")]
    [DataRow("max_inflight_messages 20\n# a comment\n\n  max_queued_messages 0", """{"Limits":{"InflightMax":20,"QueueMessagesMax":100000000}}""")]
    [DataRow("persistent_client_expiration 2w", """{"Limits":{"SessionExpirySecondsMax":1209600}}""")]
    [DataRow("log_type error\nlog_type notice\nlog_type warning", """{"Log":{"Level":"Information"}}""")]
    [DataRow("persistence false", """{"Data":"none"}""")]
    [DataRow("allow_anonymous true", """{"Security":{"Rights":{"everything":{"Publish":["#"],"Subscribe":["#","$SYS/#"],"Commands":true}},"AllowAnonymous":true,"AnonymousRole":"everything"}}""")]
    [DataRow("connection up\naddress h:1884 g\ntopic s/# out 1 here/ there/\nremote_username u", """{"Relays":[{"Rules":[{"Direction":"Out","Filter":"here/s/#","Topic":"there/s/{#}"}],"UserName":"u","Name":"up","Addresses":["mqtt://h:1884","mqtt://g:1883"]}]}""")]
    [DataRow("connection up\naddress h\ntopic a/+/b in 2 \"\" site/\nconnection other\naddress i\nbridge_cafile ca.pem\ntopic x both", """{"Relays":[{"Rules":[{"Direction":"In","Filter":"site/a/+/b","Topic":"a/{1}/b","MaxQoS":2}],"Name":"up","Addresses":["mqtt://h:1883"]},{"Tls":{"CaFile":"ca.pem"},"Rules":[{"Direction":"Out","Filter":"x"},{"Direction":"In","Filter":"x"}],"Name":"other","Addresses":["mqtts://i:8883"]}]}""")]
    public void Option_WithASettingHere_IsSaidInIt(string conf, string settings)
    {
        MosquittoImport import = MosquittoConf.Read(conf.Split('\n'));
        Assert.IsEmpty(import.Notes, string.Join('\n', import.Notes));
        Assert.IsTrue(JsonNode.DeepEquals(JsonNode.Parse(settings), import.Settings), import.Settings.ToJsonString());
    }

    /// <summary>Rules that overlap are refused by a start, and mosquitto takes them.</summary>
    [TestMethod]
    [DataRow("topic s/# out 1\ntopic s/t/# out 2", """[{"Direction":"Out","Filter":"s/#","MaxQoS":2}]""")]
    [DataRow("topic s/t/# out 2\ntopic s/u/# out 1\ntopic s/# out 1", """[{"Direction":"Out","Filter":"s/#","MaxQoS":2}]""")]
    [DataRow("topic s/# both\ntopic s/# in", """[{"Direction":"Out","Filter":"s/#"},{"Direction":"In","Filter":"s/#"}]""")]
    [DataRow("topic # out 1 a/ b/\ntopic x out 1 a/ b/", """[{"Direction":"Out","Filter":"a/#","Topic":"b/{#}"}]""")]
    public void Topics_OneWithinTheOther_AreOneRule(string topics, string rules)
    {
        MosquittoImport import = MosquittoConf.Read($"connection c\naddress h\n{topics}".Split('\n'));
        Assert.IsEmpty(import.Notes, string.Join('\n', import.Notes));
        Assert.IsTrue(JsonNode.DeepEquals(JsonNode.Parse(rules), import.Settings["Relays"]![0]!["Rules"]), import.Settings.ToJsonString());
    }

    [TestMethod]
    [DataRow("connection c\naddress h\ntopic # both 0\ntopic sensors/# out 1 local/ remote/", "line 4: Relays:0:Rules:2 cannot be used: ")]
    [DataRow("max_packet_size 99999999999", "line 1: Limits:PacketBytesMax cannot be '99999999999'")]
    [DataRow("\nconnection c\ntopic # out", "line 3: Relays:0:Addresses is empty")]
    [DataRow("connection c\naddress h\nremote_password p\ntopic # out", "line 3: Relays:0:Password is given without")]
    [DataRow("listener 1883 eth0", "line 1: Listen is 'eth0:1883'")]
    [DataRow("listener 8883\ncertfile /nope/c.pem", "line 2: the gateway does not start like this yet")]
    public void Settings_ThatAStartRefuses_AreTakenOutAndListedWithTheirLine(string conf, string note)
    {
        MosquittoImport import = MosquittoConf.Read(conf.Split('\n'));
        byte[] json = ImportCheck.Sound(import, Path.GetTempPath());
        StringAssert.StartsWith($"{Assert.ContainsSingle(import.Notes)}", note, StringComparison.Ordinal);
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, json);
            _ = ConfigCheck.Read(file, [], new Dictionary<string, string?>());
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Without a rule that goes up, everything goes up here; in mosquitto, nothing.</summary>
    [TestMethod]
    [DataRow("topic commands/# in")]
    [DataRow("topic # in 1 x/ y/\ntopic bad/#/filter out")]
    public void Bridge_OfWhichNothingGoesUp_SendsNothingUp(string topics)
    {
        MosquittoImport import = MosquittoConf.Read($"connection c\naddress h\n{topics}".Split('\n'));
        _ = ImportCheck.Sound(import, Path.GetTempPath());
        Assert.AreEqual("""["$nothing"]""", import.Settings["Relays"]![0]!["Out"]!.ToJsonString());
    }

    /// <summary>The mosquitto.conf of Debian has hardly more than this, and became nothing.</summary>
    [TestMethod]
    public void IncludeDir_FilesInTheirOrder_EachWithItsLines()
    {
        string folder = Directory.CreateTempSubdirectory("devicemqtt-import-").FullName;
        try
        {
            string inner = Path.Combine(folder, "conf.d");
            _ = Directory.CreateDirectory(inner);
            File.WriteAllText(Path.Combine(inner, "b.conf"), "max_inflight_messages 7\nplugin x\n");
            File.WriteAllText(Path.Combine(inner, "a.conf"), "connection up\naddress h\ntopic # out\n");
            File.WriteAllText(Path.Combine(inner, "Z.conf"), "listener 1884\n");
            File.WriteAllText(Path.Combine(inner, "README"), "frobnicate\n");
            MosquittoImport import = MosquittoConf.Read(["listener 1883", "include_dir /nowhere/of/another/machine/conf.d", "certfile c.pem", "include_dir /nowhere"], new MosquittoFolders(folder));
            CollectionAssert.AreEqual((string[])["mqtts://*:1883", "*:1884"], import.Settings["Listen"]!.AsArray().Select(static a => a!.ToString()).ToArray());
            Assert.AreEqual(7, import.Settings["Limits"]!["InflightMax"]!.GetValue<long>());
            Assert.AreEqual("up", import.Settings["Relays"]![0]!["Name"]!.ToString());
            Assert.HasCount(2, import.Notes, string.Join('\n', import.Notes));
            Assert.AreEqual((Path.Combine(inner, "b.conf"), 2), (import.Notes[0].File, import.Notes[0].Line));
            Assert.AreEqual((null, 4), (import.Notes[1].File, import.Notes[1].Line));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void IncludeDir_InACircle_Ends()
    {
        string folder = Directory.CreateTempSubdirectory("devicemqtt-import-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "a.conf"), $"include_dir {folder}\n");
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => MosquittoConf.Read([$"include_dir {folder}"], new MosquittoFolders(folder))).Message, "more than 10 deep", StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    [DataRow("\nplugin /x.so", "line 2: plugin: there are no plugins")]
    [DataRow("frobnicate", "line 1: frobnicate is no option that is known here")]
    [DataRow("psk_file f", "line 1: psk_file: there is no TLS with a shared key here")]
    [DataRow("max_packet_size 0", "line 1: without a bound there")]
    [DataRow("max_keepalive many", "line 1: 'many' is no number")]
    [DataRow("persistent_client_expiration soon", "line 1: 'soon' is no time like 14d")]
    [DataRow("listener 0 /run/m.sock", "line 1: listener 0 with a socket's path")]
    [DataRow("certfile a\nlistener 2\ncertfile b", "line 3: another listener has 'a'")]
    [DataRow("connection c\ntopic", "line 2: topic : it cannot be read")]
    [DataRow("connection c\nbridge_insecure true", "line 2: bridge_insecure: the name in the certificate is always checked")]
    [DataRow("connection c\nbridge_protocol_version mqttv31", "line 2: bridges speak 3.1.1 or 5.0 here")]
    public void Option_WithoutOne_ListedWithItsLine(string conf, string note) =>
        StringAssert.StartsWith($"{Assert.ContainsSingle(MosquittoConf.Read(conf.Split('\n')).Notes)}", note, StringComparison.Ordinal);

    /// <summary>Anybody got in by the listener that asks for a password.</summary>
    [TestMethod]
    [DataRow("per_listener_settings true\nlistener 1883 127.0.0.1\nallow_anonymous true\nlistener 8883\nallow_anonymous false\npassword_file p", false)]
    [DataRow("per_listener_settings true\nlistener 1883\nallow_anonymous true\nlistener 8883\npassword_file p", false)]
    [DataRow("per_listener_settings true\nlistener 1883 192.168.0.2\nallow_anonymous true\nlistener 1884 ::1", true)]
    [DataRow("per_listener_settings true\nlistener 1883\nallow_anonymous true\nlistener 1884\nallow_anonymous true", true)]
    [DataRow("allow_anonymous true\nlistener 1883\nallow_anonymous false", false)]
    [DataRow("listener 1883\nallow_anonymous false\nlistener 1884\nallow_anonymous true", true)]
    public void Anonymous_OnSomeListeners_NeverOnOneThatAsksForAUser(string conf, bool isAnonymous)
    {
        MosquittoImport import = MosquittoConf.Read(conf.Split('\n'));
        Assert.AreEqual(isAnonymous, import.Settings["Security"]?["AllowAnonymous"]?.GetValue<bool>() ?? false);
        Assert.HasCount(conf.StartsWith("per", StringComparison.Ordinal) ? (isAnonymous ? 1 : 2) : 0, import.Notes, string.Join('\n', import.Notes));
    }

    [TestMethod]
    public void Settings_OfAWholeFile_AreSound()
    {
        string folder = Directory.CreateTempSubdirectory("devicemqtt-import-").FullName;
        try
        {
            string ca = Path.Combine(folder, "ca.pem");
            File.WriteAllText(ca, "");
            MosquittoImport import = MosquittoConf.Read($"listener 1883\nlistener 9001\nprotocol websockets\npassword_file passwd\nmax_inflight_messages 0\nlog_type all\nconnection a\naddress h i:1\nbridge_cafile {ca}\ntopic # both 2 x/ y/\nrestart_timeout 5 30\nsys_interval 60".Split('\n'));
            string file = Path.Combine(folder, "gateway.json");
            File.WriteAllText(file, import.Settings.ToJsonString());
            Assert.AreEqual(16_000, ConfigCheck.Read(file, [], new Dictionary<string, string?>()).Limits.InflightMax);
            Assert.AreEqual("passwd", import.PasswordFile);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public void Read_AnyText_NothingFails()
    {
        Random random = new(16);
        string[] words = ["listener", "topic", "connection", "address", "certfile", "both", "in", "#", "+", "\"\"", "0", "-1", "a/", "max_packet_size", "log_type", "protocol", "websockets", "restart_timeout", ":", "[::1]:x"];
        for (int i = 0; i < 5_000; i++)
            _ = MosquittoConf.Read([.. Enumerable.Range(0, random.Next(8)).Select(_ => string.Join(random.Next(2) == 0 ? " " : "\t", Enumerable.Range(0, random.Next(7)).Select(_ => words[random.Next(words.Length)])))]).Settings.ToJsonString();
    }
}
