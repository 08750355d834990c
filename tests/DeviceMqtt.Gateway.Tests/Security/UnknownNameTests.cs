using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Gateway.Security.Users;

namespace DeviceMqtt.Gateway.Tests.Security;

/// <summary>What a name that nobody has is compared with.</summary>
[TestClass]
internal sealed class UnknownNameTests
{
    private const int RoundsOfABoard = 10_000;
    private readonly List<int> _rounds = [];

    // Boards have 10,000 rounds and people 600,000: with 10,000 for all unknown names the time told which people there are.
    [TestMethod]
    public async Task TryBegin_NamesThatNobodyHas_TakeAsLongAsThoseOfBoardsOrOfPeople()
    {
        using Logins logins = Start(PasswordHash.CreateOfNobody(), PasswordHash.CreateOfNobody(PasswordHash.IterationsOfPeople));
        for (int i = 0; i < 100; i++)
            await TryAsync(logins, $"nobody-{i}");
        Assert.IsTrue(_rounds.Count(static r => r == RoundsOfABoard) is > 10 and < 90, $"{_rounds.Count(static r => r == RoundsOfABoard)} of 100 as a board's");
        Assert.IsTrue(_rounds.TrueForAll(static r => r is RoundsOfABoard or PasswordHash.IterationsOfPeople));
        int first = _rounds[0];
        _rounds.Clear();
        for (int i = 0; i < 5; i++)
            await TryAsync(logins, "nobody-0");
        Assert.IsTrue(_rounds.TrueForAll(r => r == first), "the same name takes as long each time");
    }

    [TestMethod]
    public async Task TryBegin_NoPeople_TakesAsLongAsABoards()
    {
        using Logins logins = Start(PasswordHash.CreateOfNobody());
        for (int i = 0; i < 20; i++)
            await TryAsync(logins, $"nobody-{i}");
        Assert.IsTrue(_rounds.TrueForAll(static r => r == RoundsOfABoard));
    }

    private Logins Start(params string[] stored)
    {
        Logins logins = new(new GatewayLimits { LoginDelayMsMax = 0 }, TimeProvider.System, (hash, _) =>
        {
            lock (_rounds)
                _rounds.Add(PasswordHash.IterationsOf(hash));
            return false;
        });
        Dictionary<string, UserEntry> users = stored.Select(static (hash, i) => ($"user-{i}", new UserEntry { Password = hash })).ToDictionary();
        logins.UsersAre(new UserTable(new SecurityOptions(), users, new Dictionary<string, RoleRights>(), isSure: true));
        return logins;
    }

    private static async Task TryAsync(Logins logins, string name)
    {
        Assert.IsTrue(logins.TryBegin(name, stored: null, [1, 2, 3], remote: null, out Task<LoginOutcome>? outcome));
        Assert.AreEqual(LoginOutcome.Wrong, await Patience.Within(outcome, "the answer"));
    }
}
