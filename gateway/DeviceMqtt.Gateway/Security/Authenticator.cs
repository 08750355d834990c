using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// Who may connect: those with a user name and password, and the command line. While there is no user at all, anybody from this machine.
/// The settings can let anybody in (<see cref="SecurityOptions.AllowAnonymous"/>). What each may do then, its role says (<see cref="UserTable"/>).
/// </summary>
internal sealed class Authenticator(UserDirectory directory, Logins logins, ILogger? log = null) : IAccessRules
{
    private const string Refusal = "unknown user name or wrong password";
    private const string NotThisClientId = "this user may not connect with this Client Identifier";
    private const string NotFromHere = "a user name is needed";
    private const string HasUsers = "a user name is needed, also from this machine: there are users";

    // One for all who came without a user, from this machine and from others: it would be there for each. Replaced when the users are others.
    private volatile OpenTerms? _here;
    private volatile OpenTerms? _elsewhere;
    private readonly Rehashing _rehashing = new(directory, log);

    // A client whose user is gone still says that it is gone itself, where it would be shown online for ever.
    private static readonly RoleRights Leaving = new() { Publish = ["presence/%c"] };

    /// <summary>Hashes of mosquitto are being replaced.</summary>
    public bool IsRehashing => _rehashing.IsRunning;

    /// <summary>At once where no hash has to be worked out; otherwise it is <see cref="Admission.Later"/>.</summary>
    public Admission Admit(ConnectPacket connect, EndPoint? remote)
    {
        if (remote is LocalEndPoint)
            return new Admission(ClientRole.Operator); // The mode of the socket has let it in.
        UserTable users = directory.Now();
        logins.UsersAre(users);
        IShownCertificate? shown = (remote as ClientEndPoint)?.Certificate;
        if (shown is { IsTaken: false })
            return new Admission(ClientRole.Device, "its certificate is not taken any more");
        if (shown?.User is { } certified)
            return AdmitByCertificate(connect, certified, users, shown);
        bool isOpenHere = IsLoopback(remote) && !users.MayHaveUsers;
        if (connect.UserName is not { } userName || isOpenHere) // No user is set up: a name can be no worse than none.
            return AdmitWithoutUser(connect.ClientId, users, IsLoopback(remote), shown);

        byte[] password = connect.Password ?? [];
        if (SignedLogin.TryParse(userName, out string accessKey))
        {
            if (users.Find(accessKey) is { Secret: { } secret } signer && SignedLogin.Fits(secret, connect.ClientId, password))
                return Admitted(users, accessKey, signer, connect.ClientId, shown, isSigned: true);
        }
        else if (users.Find(userName) is { Password: { } stored } user)
        {
            if (PasswordHash.IsHash(stored) ? logins.IsRemembered(userName, stored, password) : PasswordHash.Fits(stored, password))
                return Admitted(users, userName, user, connect.ClientId, shown);
        }

        string? hash = accessKey.Length > 0 ? null : users.Find(userName)?.Password;
        if (!logins.TryBegin(userName, hash, password, remote, out Task<LoginOutcome>? login))
            return Busy(userName);
        return new Admission(ClientRole.Device) { Later = FinishAsync(login, userName, accessKey, users.StampOf(userName), (connect, shown)) };
    }

    public Admission Recall(string clientId, string? userName, ClientRole role)
    {
        UserTable users = directory.Now();
        if (userName is null)
        {
            // Where it came from is not known any more.
            RoleRights? anonymous = ((string[])[users.Options.LocalRole, users.Options.AnonymousRole, role.ToString()]).Select(users.FindRole).FirstOrDefault(r => r?.ClientRole == role);
            return new Admission(role) { Rights = new ClientRights(anonymous ?? Leaving, new ClientNames(clientId, userName: null), static _ => true) };
        }

        if (users.Find(userName) is { } user && users.FindRole(user.Role) is { } known)
            return new Admission(known.ClientRole) { UserName = userName, UserId = user.Id, Rights = RightsOf(users, userName, known, clientId) };
        // Of a file that cannot be read now, or a role that is not there now, nothing is lost: the user may be.
        bool isGone = users.IsSure && users.Find(userName) is null;
        return new Admission(ClientRole.Device, isGone ? "its user is gone" : "its user or its role is not known now")
        {
            UserName = userName,
            IsForNow = !isGone,
            Rights = new ClientRights(Leaving, new ClientNames(clientId, userName), static _ => false),
        };
    }

    // The handshake has seen that the certificate is good; whom it stands for may have been removed since.
    private Admission AdmitByCertificate(ConnectPacket connect, string name, UserTable users, IShownCertificate shown)
    {
        if (users.Find(name) is not { } user)
            return new Admission(ClientRole.Device, "the certificate's user is not known here") { LogOnly = $"{NameForLog(name)} of its certificate: no such user" };
        if (connect.UserName is { } said && said != name)
            return new Admission(ClientRole.Device, "the certificate is another user's") { LogOnly = $"its certificate is that of {NameForLog(name)}" };
        return Admitted(users, name, user, connect.ClientId, shown, isCertified: true);
    }

    private Admission AdmitWithoutUser(string clientId, UserTable users, bool isFromHere, IShownCertificate? shown)
    {
        OpenTerms? terms = isFromHere ? _here : _elsewhere;
        if (terms?.Users != users)
        {
            terms = new OpenTerms(directory, users, isFromHere);
            if (isFromHere)
                _here = terms;
            else
                _elsewhere = terms;
        }

        Func<string, bool> isCurrent = shown is null ? terms.IsCurrent : Both(shown, terms.IsCurrent);
        return new Admission(terms.Role.ClientRole, terms.WhyNot(clientId)) { Rights = new ClientRights(terms.Role, new ClientNames(clientId, userName: null), isCurrent) };
    }

    private static Func<string, bool> Both(IShownCertificate shown, Func<string, bool> isCurrent) => clientId => shown.IsTaken && isCurrent(clientId);

    /// <summary>What holds for clients without a user, as the users and settings were at one moment.</summary>
    private sealed class OpenTerms
    {
        private readonly string? _refusal;

        public OpenTerms(UserDirectory directory, UserTable users, bool isFromHere)
        {
            bool isOpenHere = isFromHere && !users.MayHaveUsers;
            Users = users;
            Role = users.FindRole(isOpenHere ? users.Options.LocalRole : users.Options.AnonymousRole) ?? Leaving;
            _refusal = isOpenHere || users.Options.AllowAnonymous ? null : isFromHere ? HasUsers : NotFromHere;
            // With the first user those are out that needed none, with another setting those whose role it takes.
            IsCurrent = clientId => directory.Now() is var now
                && (ReferenceEquals(now, users) || (new OpenTerms(directory, now, isFromHere) is var then && then.Role.Stamp == Role.Stamp && then.WhyNot(clientId) is null));
        }

        public UserTable Users { get; }

        public RoleRights Role { get; }

        public Func<string, bool> IsCurrent { get; }

        public string? WhyNot(string clientId) => _refusal ?? (Users.WhoseElse(null, clientId, Role) is null ? null : NotThisClientId);
    }

    private Admission Admitted(UserTable users, string userName, UserEntry user, string clientId, IShownCertificate? shown, bool isSigned = false, bool isCertified = false)
    {
        if (users.FindRole(user.Role) is not { } role)
            return new Admission(ClientRole.Device, Refusal) { LogOnly = $"there is no role '{SafeText.OfName(user.Role)}'" };
        Admission admitted = new(role.ClientRole) { UserName = userName, UserId = user.Id, Rights = RightsOf(users, userName, role, clientId, isSigned, shown is null ? null : IsStill(shown, userName, isCertified)), OwnsClientId = users.Owns(userName, clientId) };
        return users.WhyNot(userName, user, clientId, isSigned) is { } why ? admitted with { Refusal = NotThisClientId, LogOnly = why } : admitted;
    }

    // A certificate that was shown has to be good for as long as the client stays; one that the client was let in by has to stand for the same user.
    private static Func<bool> IsStill(IShownCertificate shown, string userName, bool isCertified) =>
        isCertified ? () => shown.IsTaken && shown.User == userName : () => shown.IsTaken;

    private ClientRights RightsOf(UserTable users, string userName, RoleRights role, string clientId, bool isSigned = false, Func<bool>? isStillCertified = null)
    {
        string? stamp = users.StampOf(userName);
        return new ClientRights(role, new ClientNames(clientId, userName), id =>
        {
            if (isStillCertified is not null && !isStillCertified()) // first: the users need not have changed
                return false;
            UserTable now = directory.Now();
            // The identifier may have become another user's meanwhile.
            return ReferenceEquals(now, users) || (now.StampOf(userName) == stamp && now.Find(userName) is { } user && now.WhyNot(userName, user, id, isSigned) is null);
        });
    }

    private async Task<Admission> FinishAsync(Task<LoginOutcome> login, string userName, string accessKey, string? stamp, (ConnectPacket Packet, IShownCertificate? Shown) connect)
    {
        LoginOutcome outcome = await login.ConfigureAwait(false);
        if (outcome == LoginOutcome.Busy)
            return Busy(userName);
        bool isRight = outcome == LoginOutcome.Right;
        UserTable users = directory.Now();
        UserEntry? user = users.Find(userName);
        if (isRight && user is not null && users.StampOf(userName) == stamp)
        {
            if (user.Password is { } stored && PasswordHash.IsForeign(stored))
                _rehashing.Add(userName, stored, connect.Packet.Password ?? []); // one of mosquitto's, which are weak
            return Admitted(users, userName, user, connect.Packet.ClientId, connect.Shown);
        }

        string why = isRight ? "the user was changed meanwhile"
            : accessKey.Length > 0 ? users.Find(accessKey)?.Secret is null ? "no such access key" : "the signature is not that of this Client Identifier"
            : user is null ? "no such user" : "wrong password";
        return new Admission(ClientRole.Device, Refusal) { LogOnly = why };
    }

    private static Admission Busy(string userName) =>
        new(ClientRole.Device, $"{NameForLog(userName)} has to come again: too many logins wait (Limits:LoginsWaitingMax)") { IsForNow = true };

    private static string NameForLog(string userName) => $"user '{SafeText.OfName(userName)}'";

    private static bool IsLoopback(EndPoint? remote) =>
        remote is IPEndPoint { Address: var address } and not ClientEndPoint { IsProxied: true } && (IPAddress.IsLoopback(address) || (address.IsIPv4MappedToIPv6 && IPAddress.IsLoopback(address.MapToIPv4())));
}
