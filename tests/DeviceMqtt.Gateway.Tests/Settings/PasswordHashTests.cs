using System.Text;
using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Tests.Settings;

[TestClass]
internal sealed class PasswordHashTests
{
    [TestMethod]
    public void Hash_OfAPassword_FitsThatPasswordAlone()
    {
        string stored = PasswordHash.Create("secret");

        Assert.IsFalse(PasswordHash.Fits(stored, "Secret"u8));
        Assert.IsTrue(PasswordHash.Fits(stored, "secret"u8));
        Assert.IsFalse(PasswordHash.Fits(stored, default));
        Assert.AreNotEqual(stored, PasswordHash.Create("secret"), "another salt each time");
        Assert.DoesNotContain("secret", stored, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Hash_MadeElsewhere_Fits()
    {
        // Python: hashlib.pbkdf2_hmac('sha256', b'secret', b'0123456789abcdef', 1000)
        const string Stored = "pbkdf2-sha256:1000:MDEyMzQ1Njc4OWFiY2RlZg==:tiKWHy4FAGCWE8gn6GtKhaxD2OeeAUUWXFT/p1aaNl8=";

        Assert.IsTrue(PasswordHash.Fits(Stored, "secret"u8));
    }

    [TestMethod]
    [DataRow("pbkdf2-sha256:")]
    [DataRow("pbkdf2-sha256:::")]
    [DataRow("pbkdf2-sha256:0:AAAA:AAAA")]
    [DataRow("pbkdf2-sha256:2000000000:AAAA:AAAA")]
    [DataRow("pbkdf2-sha256:1:AAAA:AAAA")]
    [DataRow("pbkdf2-sha256:1:not base64:AAAA")]
    public void Stored_Nonsense_FitsNothing(string stored)
    {
        Assert.IsFalse(PasswordHash.Fits(stored, "x"u8));
        Assert.IsFalse(PasswordHash.Fits(stored, Encoding.UTF8.GetBytes(stored)));
    }

    [TestMethod]
    public void Stored_AsItIs_Fits() => Assert.IsTrue(PasswordHash.Fits("plain", "plain"u8));
}
