using System.Text;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Import;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Rights;

/// <summary>Files and rules with damaged bytes: each is read or refused in words, and no rule ever becomes wider than it is written.</summary>
[TestClass]
internal sealed class RightsFuzzTests
{
    private const int Cases = 20_000;
    private static readonly string[] Names = ["kitchen", "GID_home@@@kitchen", "+", "#", "a/b", "$SYS", "p2p", "", "%c", "%", "x\u0000y", "a+", "GID_+@@@#", "GID_$a@@@%u"];

    private static readonly string[] Files =
    [
        """{"kitchen":"pbkdf2-sha256:10000:AAAA:BBBB","ops":{"password":"x","role":"operator","clientIds":["a*"]}}""",
        """{"heating":{"publish":["heating/%u/#"],"subscribe":["#"],"commands":true}}""",
        "user ann\ntopic read a/#\npattern write %c/#\n",
        "alice:$7$101$Mee9fUxEBRMMAoo9$OJOr\nbob:$6$Uk4G$9pra\n",
    ];

    [TestMethod]
    public void Files_WithDamagedBytes_AreReadOrRefusedInWords() => Run(Files, text =>
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        foreach (Action read in (Action[])[() => UserFile.Parse(bytes, "f"), () => RoleFile.Parse(bytes, "f")])
        {
            try
            {
                read();
            }
            catch (InvalidDataException exception)
            {
                Assert.IsGreaterThan(0, exception.Message.Length);
            }
        }

        List<ImportNote> notes = [];
        foreach (RoleRights role in AclFileImport.Read(text.Split('\n'), notes).Values)
            Assert.IsNull(role.Check("r"));
        foreach (UserEntry user in PasswordFileImport.Read(text.Split('\n'), "device", notes).Values)
            _ = PasswordHash.Fits(user.Password!.Replace("$7$", "$6$", StringComparison.Ordinal), "x"u8);
        _ = string.Join('\n', notes);
    });

    [TestMethod]
    public void Rules_WithAnyNames_NeverWiderThanWithANameOfLetters() => Run(["dm/%d/#", "presence/%c", "%c/%u", "%g/x/%u/+", "a%%/%c", "%u#"], rule =>
    {
        if (RuleText.Check(rule) is not null)
            return;
        foreach (string clientId in Names)
            foreach (string userName in Names)
                if (RuleText.TryFill(rule, new ClientNames(clientId, userName), out string? filter))
                {
                    Assert.IsTrue(TopicFilter.TryParse(filter, out _, out _), $"{rule} with '{clientId}' is '{filter}'");
                    Assert.AreEqual(rule.Count(static c => c == '/'), filter.Count(static c => c == '/'), "no level more");
                    Assert.AreEqual(rule.Count(static c => c is '+' or '#'), filter.Count(static c => c is '+' or '#'), "no wildcard more");
                    Assert.AreEqual(rule[0] == '$', filter[0] == '$', "not into the gateway's own topics");
                }
    });

    [TestMethod]
    public void SettingLine_OfDamagedFiles_DoesNotThrow() => Run(Files, static text =>
        _ = DeviceMqtt.Gateway.CommandLine.SettingLine.Find(Encoding.UTF8.GetBytes(text), "ops:clientIds:0"));

    // Mutation with a seed of its own each time, printed when it fails.
    private static void Run(string[] corpus, Action<string> check)
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        for (int i = 0; i < Cases; i++)
        {
            StringBuilder text = new(corpus[random.Next(corpus.Length)]);
            for (int damages = random.Next(5); damages > 0 && text.Length > 0; damages--)
                switch (random.Next(4))
                {
                    case 0: text[random.Next(text.Length)] = "+#/$%\"{}[]:,\\\0c\u202e9"[random.Next(16)]; break;
                    case 1: _ = text.Remove(random.Next(text.Length), 1); break;
                    case 2: _ = text.Insert(random.Next(text.Length), "%c/#+$%u"[random.Next(8)]); break;
                    default: _ = text.Insert(random.Next(text.Length), corpus[random.Next(corpus.Length)]); break;
                }

            try
            {
                check(text.ToString());
            }
            catch (Exception exception) when (exception is not AssertInconclusiveException)
            {
                throw new AssertFailedException($"seed {seed}, case {i}, '{text}': {exception.Message}", exception);
            }
        }
    }
}
