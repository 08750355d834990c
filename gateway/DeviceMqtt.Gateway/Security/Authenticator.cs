using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// Who may connect: those with a user name and password, and the command line. While there is no user at all, anybody from this machine.
/// The settings can let anybody in (<see cref="SecurityOptions.AllowAnonymous"/>).
/// </summary>
internal sealed class Authenticator(SecurityOptions options, Logins logins, UserFile? file = null) : IAccessRules
{
    private const string Refusal = "unknown user name or wrong password";
    private const string NotFromHere = "a user name is needed";
    private const string HasUsers = "a user name is needed, also from this machine: there are users";
    private const int LoggedNameMax = 64; // chosen: a user name may have 64 KB
    private readonly Lock _lock = new();
    private IReadOnlyDictionary<string, string>? _usersSeen;

    /// <summary>At once where no hash has to be worked out; otherwise it is <see cref="Admission.Later"/>.</summary>
    public Admission Admit(ConnectPacket connect, EndPoint? remote)
    {
        if (remote is LocalEndPoint)
            return new Admission(ClientRole.Operator); // The mode of the socket has let it in.
        IReadOnlyDictionary<string, string>? users = UsersOfFile();
        bool isOpenHere = IsLoopback(remote) && options.Users.Count == 0 && file is not { MayHaveUsers: true };
        bool needsNoPassword = options.AllowAnonymous || isOpenHere;
        ClientRole roleWithoutUser = isOpenHere ? options.LocalRole : options.AnonymousRole;
        if (connect.UserName is not { } userName)
            return new Admission(roleWithoutUser, needsNoPassword ? null : IsLoopback(remote) ? HasUsers : NotFromHere);
        if (isOpenHere)
            return new Admission(roleWithoutUser); // No user is set up: a name can be no worse than none.
        string? stored = StoredOf(userName, users);
        Admission admitted = new(options.Roles.GetValueOrDefault(userName, ClientRole.Device)) { UserName = userName };
        byte[] password = connect.Password ?? [];
        if (stored is not null && (PasswordHash.IsHash(stored) ? logins.IsRemembered(userName, stored, password) : PasswordHash.Fits(stored, password)))
            return admitted;
        if (!logins.TryBegin(userName, stored, password, remote, out Task<bool>? login))
            return admitted with { Refusal = $"{NameForLog(userName)} has to come again: too many logins wait (Limits:LoginsWaitingMax)", IsForNow = true };
        return admitted with { Later = FinishAsync(login, userName, stored, admitted) };
    }

    private async Task<Admission> FinishAsync(Task<bool> login, string userName, string? stored, Admission admitted)
    {
        string? why = null;
        if (!await login.ConfigureAwait(false))
            why = stored is null ? "no such user" : "wrong password";
        else if (StoredOf(userName, UsersOfFile()) != stored)
            why = "the user was changed meanwhile";
        return why is null ? admitted : admitted with { Refusal = Refusal, LogOnly = $"{NameForLog(userName)}: {why}" };
    }

    // The settings are the last word, also against a user of the file with the same name.
    private string? StoredOf(string userName, IReadOnlyDictionary<string, string>? users)
    {
        if (!options.Users.TryGetValue(userName, out string? stored))
            _ = users?.TryGetValue(userName, out stored);
        return stored;
    }

    private IReadOnlyDictionary<string, string>? UsersOfFile()
    {
        if (file is null)
            return null;
        lock (_lock)
        {
            IReadOnlyDictionary<string, string> users = file.Users;
            if (!ReferenceEquals(users, _usersSeen))
                logins.UsersChanged(name => StoredOf(name, users));
            _usersSeen = users;
            return users;
        }
    }

    // Whoever may connect chooses it: no line of the log is to look like another.
    private static string NameForLog(string userName)
    {
        string name = userName.Length > LoggedNameMax ? userName[..LoggedNameMax] + "..." : userName;
        return $"user '{string.Concat(name.Select(static c => char.IsControl(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format ? '?' : c))}'";
    }

    private static bool IsLoopback(EndPoint? remote) =>
        remote is IPEndPoint { Address: var address } && (IPAddress.IsLoopback(address) || (address.IsIPv4MappedToIPv6 && IPAddress.IsLoopback(address.MapToIPv4())));
}
