# Flashes a board from Windows, as flash.sh does elsewhere: runtime, files, application; then waits until the gateway has seen its birth.
# Example: firmware/flash.ps1 -Device C:\kitchen -Port COM3
# Steps in this order, all of them when none is named: tools, build, runtime, files, application. 'runtime' erases the whole board.
[CmdletBinding()]
param(
    [string] $Device = '',
    [string] $Port = '',
    [string] $Image = '',
    [string] $Target = '',
    [string] $Runtime = '',
    [string] $Gateway = '',
    [switch] $DryRun,
    [ValidateSet('tools', 'build', 'runtime', 'files', 'application')]
    [string[]] $Step = @('tools', 'build', 'runtime', 'files', 'application')
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$root = Split-Path -Parent $PSScriptRoot
# nanoFramework's own firmware, by the number that fits the packages.
if (-not $Runtime) { $Runtime = (Get-Content (Join-Path $root 'firmware/runtime.version')).Trim() }
if (-not $Image) { $Image = Join-Path $root 'firmware/DeviceMqtt.Device.Esp32/bin/device/Release/netnano1.0/DeviceMqtt.Device.Esp32.bin' }

# What a step needs is looked for before the first one runs.
foreach ($s in $Step) {
    if ($s -in 'runtime', 'files', 'application' -and -not $Port) { throw "'$s' needs -Port" }
    if ($s -in 'files', 'application') {
        if (-not $Device) { throw "'$s' needs -Device" }
        if (-not (Test-Path (Join-Path $Device 'settings.json'))) { throw "there is no settings.json in '$Device': 'device add' writes it" }
    }
}

function Run([string[]] $Words) {
    Write-Output ('+ ' + ($Words -join ' '))
    if ($DryRun) { return }
    & $Words[0] $Words[1..($Words.Length - 1)]
    if ($LASTEXITCODE -ne 0) { throw "$($Words[0]) ended with $LASTEXITCODE" }
}

function Nanoff([string[]] $Words) { Run (@('dotnet', 'tool', 'run', 'nanoff', '--') + $Words) }

function DeployFiles {
    # nanoff wants the port in the list itself.
    $list = Join-Path $Device 'files-with-port.json'
    if (-not $DryRun) {
        $text = Get-Content -Raw (Join-Path $Device 'files.json')
        Set-Content -NoNewline -Path $list -Value ('{"serialport":"' + $Port + '",' + $text.Substring(1))
    }
    Nanoff @('--filedeployment', $list)
}

function DeployApplication {
    $clientId = (Get-Content -Raw (Join-Path $Device 'settings.json') | ConvertFrom-Json).clientId
    $name = ($clientId -split '@@@')[-1]
    $wait = @('run', '-c', 'Release', '--project', 'gateway/DeviceMqtt.Gateway', '--', 'device', 'wait', $name, '--seconds', '180')
    if ($Gateway) { $wait += @('--gateway', $Gateway) }
    $deploy = @('--nanodevice', '--deploy', '--serialport', $Port, '--image', $Image, '--reset')
    if ($DryRun) {
        Run (@('dotnet') + $wait)
        Nanoff $deploy
        return
    }
    # The wait begins before the board is started, so that its birth cannot be missed.
    $seen = New-TemporaryFile
    $errors = New-TemporaryFile
    $watcher = Start-Process dotnet -ArgumentList $wait -NoNewWindow -PassThru -RedirectStandardOutput $seen -RedirectStandardError $errors
    try {
        while (-not (Select-String -Quiet -Pattern '^waiting' -Path $seen)) {
            if ($watcher.HasExited) { throw "the gateway at $Gateway cannot be watched; nothing was deployed: $(Get-Content -Raw $errors)" }
            Start-Sleep -Milliseconds 200
        }
        Nanoff $deploy
        Write-Output "waiting for the birth of $name"
        $watcher.WaitForExit()
        if ($watcher.ExitCode -ne 0) { throw "$(Get-Content -Raw $errors) firmware/README.md says what to look at (the lamp, the serial line)" }
        Write-Output "the gateway has seen it: $(Get-Content -Tail 1 $seen)"
    }
    finally {
        if (-not $watcher.HasExited) { $watcher.Kill() }
        Remove-Item $seen, $errors
    }
}

Push-Location $root
try {
    foreach ($s in $Step) {
        Write-Output "== $s"
        switch ($s) {
            'tools' { Run @('dotnet', 'tool', 'restore') }
            'build' { Run @('dotnet', 'build', 'firmware/DeviceMqtt.Device.Esp32', '-c', 'Release', '-p:Device=true') }
            'runtime' {
                $where = if ($Target) { @('--target', $Target) } else { @('--platform', 'esp32') }
                Nanoff (@('--update') + $where + @('--fwversion', $Runtime, '--serialport', $Port, '--masserase'))
            }
            'files' { DeployFiles }
            'application' { DeployApplication }
        }
    }
}
finally { Pop-Location }
