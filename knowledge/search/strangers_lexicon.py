"""Programs and services of other fields, whose errors look like ours: databases, web, games, office. Data only.

A text that names one of them and none of the engines is seldom about running models. Words as people write them and as
they stand in module names (`django.db.utils` names django); ports stand for their services.
"""

from __future__ import annotations

from typing import Final

_DATABASES: Final = (
    "postgres postgresql psycopg psycopg2 pgbouncer mysql mariadb pymysql sqlstate oracle mssql mongodb mongo pymongo "
    "redis memcached cassandra elasticsearch opensearch clickhouse influxdb rabbitmq kafka zookeeper mqtt mosquitto "
    "5432 3306 27017 6379 5672 1883 9092 9200"
)
_WEB: Final = (
    "django flask laravel symfony wordpress drupal joomla magento rails sinatra spring hibernate tomcat jboss maven "
    "gradle express nestjs nextjs next.js nuxt react vue angular svelte vite webpack babel eslint jest yarn npm npx "
    "pnpm php apache jquery bootstrap selenium puppeteer playwright celery gunicorn jenkins gitlab terraform ansible "
    "prometheus grafana kibana nextcloud owncloud jellyfin plex immich pihole mailcow dovecot postfix imap smtp "
    "ftp samba"
)
_DESKTOP: Final = (
    "blender photoshop lightroom premiere aftereffects davinci resolve illustrator krita gimp inkscape autocad fusion "
    "solidworks excel outlook word powerpoint onedrive sharepoint teams zoom skype slack spotify obs vlc chrome "
    "firefox edge safari thunderbird steam epic proton wine lutris unity unreal godot roblox minecraft fortnite "
    "valorant csgo cs2 gta skyrim cyberpunk battlefield warzone printer bluetooth headset webcam wifi router nas-drive"
)
_CODE: Final = (
    "java javac kotlin scala swift xcode swiftui objective-c csharp dotnet asp.net wpf visualstudio golang rustc "
    "typescript tsc tsconfig android-studio flutter dart arduino esp32 platformio fortran cobol matlab rstudio stata "
    "pandas seaborn sklearn scikit-learn opencv pygame tkinter pyqt tensorflow keras telegram whatsapp twitter youtube "
    "yt-dlp instagram paypal stripe shopify firebase supabase aws lambda azure s3 cloudfront homebridge zigbee"
)
OTHER_PROGRAMS: Final = frozenset(f"{_DATABASES} {_WEB} {_DESKTOP} {_CODE}".split())
"""Folded words that name what no error class is about."""
